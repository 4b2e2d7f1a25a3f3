"""`aivastark doctor` on language models: it asks each for a word, and says what to do where none comes."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aivastark.__main__ import app
from tests.origins.embedding_server import embeds
from tests.origins.model_server import Act, refuses, says, sends, serving_model

KEY = "sk-test-0123456789abcdef"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIVASTARK_EMBEDDING_MODEL", "hashing")
    monkeypatch.setenv("AIVASTARK_LLM_MODEL", "m-1")
    monkeypatch.setenv("AIVASTARK_LLM_API_KEY", KEY)
    return tmp_path / "data"


async def doctor(data_dir: Path) -> Result:
    """In a thread, since the command runs a loop of its own while the provider runs on ours."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["doctor", "--data-dir", str(data_dir)])


async def test_a_model_that_answers_is_well(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_model([says("ready")]) as server:
        monkeypatch.setenv("AIVASTARK_LLM_URL", server.url)
        result = await doctor(data_dir)

    assert result.exit_code == 0, result.output
    assert f"m-1 at 127.0.0.1:{server.port}, first word after" in result.output.replace("\n", "")


@pytest.mark.parametrize(
    ("act", "way_out"),
    [
        (refuses(401, code="invalid_api_key", message=f"Incorrect API key provided: {KEY}"), "belong together"),
        (refuses(429), "balance"),
        (sends(b"<h1>Welcome", content_type="text/html"), "ends with /v1"),
        (refuses(500), "status or log"),
    ],
)
async def test_a_model_that_does_not_is_named_with_a_way_out_and_without_the_key(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, act: Act, way_out: str
) -> None:
    async with serving_model([act]) as server:
        monkeypatch.setenv("AIVASTARK_LLM_URL", server.url)
        result = await doctor(data_dir)

    assert result.exit_code == 1
    assert way_out in " ".join(result.output.split())
    assert KEY not in result.output


async def test_a_fallback_is_looked_at_by_itself(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_model([says("ready")]) as server:
        monkeypatch.setenv("AIVASTARK_LLM_URL", server.url)
        monkeypatch.setenv("AIVASTARK_LLM_FALLBACK_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("AIVASTARK_LLM_FALLBACK_MODEL", "m-2")
        result = await doctor(data_dir)

    written = " ".join(result.output.split())
    assert result.exit_code == 1
    assert "m-1 at 127.0.0.1" in written
    assert "m-2 at 127.0.0.1:9: 127.0.0.1:9 cannot be reached. Way out: see whether it runs" in written


async def test_an_endpoint_without_a_model_stops_the_start_with_a_sentence(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIVASTARK_LLM_MODEL")
    monkeypatch.setenv("AIVASTARK_LLM_URL", "http://127.0.0.1:9/v1")

    result = await doctor(data_dir)

    assert result.exit_code == 2
    assert "AIVASTARK_LLM_MODEL" in result.output
    assert KEY not in result.output


async def test_an_embedding_model_at_an_endpoint_is_asked_for_a_vector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIVASTARK_EMBEDDING_MODEL", "e-1")
    monkeypatch.setenv("AIVASTARK_EMBEDDING_API_KEY", KEY)
    async with serving_model([embeds()]) as server:
        monkeypatch.setenv("AIVASTARK_EMBEDDING_URL", server.url)
        well = await doctor(tmp_path / "data")
        server.script = [refuses(401, message=f"Incorrect API key provided: {KEY}")]
        unwell = await doctor(tmp_path / "data")

    assert well.exit_code == 0, well.output
    assert "256 dimensions" in well.output
    assert unwell.exit_code == 1
    assert "AIVASTARK_EMBEDDING_URL" in unwell.output
    assert KEY not in unwell.output


@pytest.mark.parametrize(("url", "model"), [("http://127.0.0.1:9/v1", "minilm"), (None, "e-1")])
async def test_an_embedding_model_and_its_endpoint_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str | None, model: str
) -> None:
    monkeypatch.setenv("AIVASTARK_EMBEDDING_MODEL", model)
    if url is not None:
        monkeypatch.setenv("AIVASTARK_EMBEDDING_URL", url)

    result = await doctor(tmp_path / "data")

    assert result.exit_code == 2
    assert "AIVASTARK_EMBEDDING_MODEL" in result.output
