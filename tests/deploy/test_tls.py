"""wss:// with a certificate authority of our own, as uvicorn serves it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from websockets.asyncio.client import connect

from course_app import engines


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def worker(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[engines.Worker]:
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(str(tmp_path / "chain.pem"), append=number > 0)
    options = ["--ssl-keyfile", str(tmp_path / "key.pem"), "--ssl-certfile", str(tmp_path / "chain.pem")]
    async with await engines.workers("course_app.apps.deployed:app", 1, options=options) as (worker,):
        yield worker


async def test_a_client_that_trusts_the_authority_talks_over_wss_and_any_other_refuses(
    worker: engines.Worker, authority: trustme.CA
) -> None:
    address = f"{worker.ws_url}/ws/1"
    assert address.startswith("wss://")
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with connect(address, ssl=trusting, proxy=None, open_timeout=20) as ws:
        await ws.send("hello")
        assert await ws.recv() == "You wrote: hello"
        assert ws.transport.get_extra_info("cipher") is not None
    with pytest.raises(ssl.SSLCertVerificationError, match="self.signed|unable to get local issuer"):
        await connect(address, proxy=None, open_timeout=20)
    with pytest.raises(ssl.SSLCertVerificationError, match="(?i)hostname|doesn't match"):
        await connect(address, ssl=trusting, server_hostname="chat.example", proxy=None, open_timeout=20)
