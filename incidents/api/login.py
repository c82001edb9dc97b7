"""Signing in with a browser: a one-time link, or a token; the cookie that follows holds neither."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from db.errors import InputError
from incidents.api.access import COOKIE, LOCAL, SESSION_S, Access, by_token
from incidents.api.pages import html_page

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def login_page(request: Request, key: Annotated[str | None, Query(max_length=100)] = None) -> Response:
    """A form for a token; with the key of a one-time link, the session itself.

    Raises:
        InputError: ``unauthorised``, the key was used, or never given.
    """
    access: Access = request.app.state.access
    if key is None:
        return html_page("login.html", {"title": "Sign in"})
    if not access.use_login_key(key):
        raise InputError("unauthorised", "The link was used already.", fix="Start the server again for a new one.")
    return _signed_in(access, LOCAL)


@router.post("/login")
async def login(request: Request, token: Annotated[str, Form(max_length=200)]) -> Response:
    """A session for the holder of ``token``."""
    found = by_token(request, token.strip())
    access: Access = request.app.state.access
    return _signed_in(access, LOCAL if access.is_local(token.strip()) else found.who)


@router.post("/logout")
async def logout() -> Response:
    """End the session."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _signed_in(access: Access, name: str) -> Response:
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE, access.cookie_for(name), max_age=SESSION_S, httponly=True, samesite="lax", secure=access.secure
    )
    return answer
