"""Refusals as people see them: where a browser asks for a page, a service that has pages shows one."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from chassis.web.problems import SHOWN, Problem, below_routes

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ProblemPage = Callable[[web.Request, Problem], Awaitable[web.StreamResponse]]


def show_problems(app: web.Application, page: ProblemPage) -> None:
    """Answer with this page what an application refuses, whatever refuses it, where HTML is asked for."""

    @web.middleware
    async def show(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            if error.status < 400 or not _asks_for_a_page(request):
                raise
            return await page(request, below_routes(error))
        problem = response.get(SHOWN)
        if not isinstance(problem, Problem) or not _asks_for_a_page(request):
            return response
        return await page(request, problem)

    app.middlewares.append(show)


def _asks_for_a_page(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")
