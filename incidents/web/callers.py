"""Who asks for a page: a person who signed in, as the API knows them."""

from __future__ import annotations

from fastapi import HTTPException, Request

from db.errors import InputError
from incidents.api.access import Caller, caller


async def signed_in(request: Request) -> None:
    """Find out who asks; somebody who may see nothing is led to the page for signing in.

    Not in a thread of its own, as a plain function would be: the connections that it reads by are not for several.
    """
    try:
        request.state.caller = caller(request)
    except InputError as error:
        if error.code != "unauthorised":
            raise
        raise HTTPException(303, headers={"Location": "/login"}) from error


def caller_of(request: Request) -> Caller:
    """Who asks for the page."""
    found: Caller = request.state.caller
    return found
