"""A function that starts at once and answers with its caller's header: what the stack is tested with."""

from pathlib import Path

ECHO = """
import functions_framework.aio
from starlette.responses import JSONResponse

@functions_framework.aio.http
async def advice(request):
    print('{"kind": "toy"}')
    return JSONResponse({"authorization": request.headers.get("authorization"), "path": request.url.path})
"""

BROKEN = "raise RuntimeError('the toy is broken')\n"

SILENT = """
import time
time.sleep(60)
"""


def write(folder: Path, text: str = ECHO) -> Path:
    """The path of a main.py with that text."""
    folder.mkdir(exist_ok=True)
    path = folder / "main.py"
    path.write_text(text, "utf-8")
    return path
