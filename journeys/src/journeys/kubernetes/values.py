"""The values of a trial: every service reached at a port of the nodes, doubles in place of other people's servers."""

import secrets as random
from pathlib import Path
from typing import Any, Final

import yaml
from contracts.topics import SERVICES
from stack.programs import make_secrets
from stack.services import SERVICES as LOCAL
from stack.services import WEBHOOK_EVENTS
from stack.stack import ROOT
from stack.state import State, secret

from journeys.charts.render import CHARTS
from journeys.customer import GOOD_CARD
from journeys.demo.opening import TENANT
from journeys.demo.sale import GENERATED_SKU
from journeys.kubernetes.trial import RELEASE

Values = dict[str, Any]

KAFKA, POSTGRES, MAIL, NAMES, PROVIDER, DOOR = 30900, 30901, 30902, 30903, 30904, 30905
FIRST, FIRST_ADMIN = 30100, 30200
PORTS: Final = {name: FIRST + number for number, name in enumerate(SERVICES)}
ADMIN_PORTS: Final = {name: FIRST_ADMIN + number for number, name in enumerate(SERVICES)}
SMTP: Final = {"SMTP_HOST": "trial-mail", "SMTP_PORT": 2525, "SMTP_TLS": "none"}
DATA_FIRST: Final = "trial-data"  # the class that the chart `trial` makes
TO_DOUBLES: Final = {"network": {"egress": [{"ports": [{"port": 2525}, {"port": 8090}]}]}}


def state_of(home: Path, node: str) -> State:
    """Return where the trial's programs are reached; makes the secrets, unless there are."""
    make_secrets(home)
    where = f"{node}:{POSTGRES}"
    databases = {name: f"postgresql://{role(name)}:{database_password(home, name)}@{where}" for name in SERVICES}
    (home / "clock").write_text("0")
    return State(
        home=str(home),
        host=node,
        kafka=f"{node}:{KAFKA}",
        postgres=f"postgresql://postgres:{secret(home / 'secrets' / 'postgres')}@{where}/postgres",
        databases={name: f"{url}/{role(name)}" for name, url in databases.items()},
        urls={name: f"http://{node}:{port}" for name, port in PORTS.items()},
        admin_urls={name: f"http://{node}:{port}" for name, port in ADMIN_PORTS.items()},
        secret_files={name: str(home / "secrets" / name) for name in SERVICES},
        smtp_host=node,
        mail_url=f"http://{node}:{MAIL}",
        provider_url=f"http://{node}:{PROVIDER}",
        clock_file=str(home / "clock"),
        ports=PORTS
        | {f"{name}-admin": port for name, port in ADMIN_PORTS.items()}
        | {"mail-door": DOOR, "name-server": NAMES},
    )


def database_password(home: Path, service: str) -> str:
    """Return the password of a service's role, made at first use."""
    return secret(home / "secrets" / f"database-{role(service)}")


def objects(home: Path) -> list[Values]:
    """Return the Secrets that the charts take by name."""
    directory = home / "secrets"
    for name in ("voucher-key", "postgres"):
        secret(directory / name, random.token_urlsafe(32))
    made = [
        _secret("trial-postgres", {"username": "postgres", "password": secret(directory / "postgres")}),
        _secret(
            f"{RELEASE}-provider",
            {
                "api-key": secret(directory / "provider-api-key"),
                "webhook-secret": secret(directory / "provider-webhook-secret"),
            },
        ),
        _secret(
            f"{RELEASE}-dkim",
            {file.name: file.read_text() for file in (directory / "dkim").glob("*.pem")},
        ),
    ]
    for service in SERVICES:
        own = {
            "service-secret": secret(directory / service),
            "database-password": database_password(home, service),
            "kafka-password": secret(directory / "kafka" / service),
        }
        files = yaml.safe_load((ROOT / CHARTS / service / "values.yaml").read_text())["secret"]["files"]
        keys = [file.removesuffix("_FILE").lower().replace("_", "-") for file in files]
        own |= {key: (directory / key).read_text().strip() for key in keys if (directory / key).exists()}
        made.append(_secret(f"{RELEASE}-{service}", own))
    return made


def asked(cpu: str, memory: str) -> Values:
    """Return what a pod asks for, on the small node of a trial."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": "1Gi"}}


def of_trial(state: State, node: str, commit: str, *, cnpg: bool) -> Values:
    """Return the values of the chart `trial`, with the doubles of a commit."""
    postgres: Values = {"nodePort": POSTGRES, "enabled": not cnpg}
    if cnpg:
        postgres["selector"] = {"cnpg.io/cluster": f"{RELEASE}-postgres", "cnpg.io/instanceRole": "primary"}
    return {
        "node": node,
        "priorityClass": DATA_FIRST,
        "kafka": {"nodePort": KAFKA},
        "postgres": postgres,
        "doubles": {"image": f"kontor/doubles:{commit}"},
        "mail": {"nodePort": MAIL},
        "names": {"nodePort": NAMES, "zone": (Path(state.home) / "secrets" / "dkim" / "zone").read_text()},
        "provider": {"nodePort": PROVIDER, "publicUrl": state.provider_url, "events": list(WEBHOOK_EVENTS)},
    }


def of_kontor(state: State, name_server: str, *, cnpg: bool, replicas: int) -> Values:
    """Return the values of the umbrella chart."""
    external = {"mode": "external", "host": "trial-postgres", "options": "sslmode=disable"}
    values: Values = {
        "global": {
            "kafka": {"mode": "external", "bootstrapServers": "trial-kafka:9092", "sasl": True},
            "postgres": {"mode": "cnpg"} if cnpg else external,
            "http": {"inClear": True},
            "replicas": replicas,
            "resources": asked("70m", "128Mi"),
        },
        "topics": {"enabled": False},
        "test": {"tenant": TENANT, "sku": GENERATED_SKU, "card": GOOD_CARD, "mail": "http://trial-mail:8025"},
    }
    for service in LOCAL:
        plain = {name: yaml.safe_load(text) for name, text in service.environment.items() if "{" not in text}
        proxies = plain.pop("TRUSTED_PROXIES", 0)
        values[service.name] = {
            "publicUrl": state.urls[service.name],
            "settings": plain,
            "http": {"proxies": proxies},
            "service": {
                "type": "NodePort",
                "nodePort": PORTS[service.name],
                "adminType": "NodePort",
                "adminNodePort": ADMIN_PORTS[service.name],
            },
        }
    pages = {"ACCOUNTS_PAGES_URL": f"http://{{host}}:{PORTS['accounts']}"}
    desk = {"WORKCENTER_ORIGINS": f"http://localhost:{PORTS['workcenter']}"}
    values["accounts"]["settings"] |= {"STAFF_SECOND_FACTOR": "optional"} | pages | desk
    values["payments"] |= TO_DOUBLES
    values["payments"]["settings"] |= {"PROVIDER_URL": "http://trial-provider:8090"}
    values["storefront"]["settings"] |= {"DOWNLOADS_URL": state.urls["delivery"]} | pages
    values["workcenter"]["settings"] |= pages
    values["letters"] |= TO_DOUBLES
    values["letters"]["settings"] |= SMTP | {"DELIVERY_URL": state.urls["delivery"]}
    values["letters"]["secret"] = {
        "files": {"BOUNCE_KEY_FILE": {"secret": f"{RELEASE}-mail-relay", "key": "bounce-key"}}
    }
    values["mail-relay"] |= TO_DOUBLES | {
        "doors": {"smtp": {"port": 2525, "servicePort": 25, "type": "NodePort", "nodePort": DOOR}},
        "secret": {"directories": {"DKIM_DIRECTORY": f"{RELEASE}-dkim"}},
    }
    values["mail-relay"]["settings"] |= SMTP | {"DNS_SERVERS": name_server, "DNS_PORT": 53}
    return values


def role(service: str) -> str:
    """Return a service's role and database."""
    return service.replace("-", "_")


def _secret(name: str, entries: dict[str, str]) -> Values:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": entries}
