"""The guestbook's first page and a greeting over HTTP: `fastapi dev course_app/apps/greeting.py`."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI(title="Guestbook")


@app.get("/", response_class=HTMLResponse)
async def page():
    return "<h1>Guestbook</h1>"


@app.get("/greet/{name}")
async def greet(name: str):
    return {"message": f"Hello, {name}!"}
