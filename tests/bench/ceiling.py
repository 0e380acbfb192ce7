"""The ceiling: a bare Litestar handler that reads the body and answers 201. No database, no decoding."""

import sys

import uvicorn
from litestar import Litestar, Request, post


@post("/v1/invoices")
async def accept(request: Request) -> dict[str, int]:  # type: ignore[type-arg]
    """Take the bytes and say so."""
    return {"bytes": len(await request.body())}


if __name__ == "__main__":
    app = Litestar([accept], openapi_config=None, logging_config=None)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
