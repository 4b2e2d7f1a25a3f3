# Two commands matter: `make demo` and `make test`. Both set everything up first.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .venv/bin/uv

.PHONY: setup local-model demo web screenshots lighthouse deploy-check s3-check kills examples test check evals evals-extraction bench clean

setup: .venv/.ready

# Compiled here: where Python may not write bytecode, every start would compile 1,200 modules, half of a cold start.
.venv/.ready: uv.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	test -x $(UV) || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(UV) sync --quiet --frozen --inexact --compile-bytecode --python .venv/bin/python
	.venv/bin/python -m compileall -q aivastark
	touch $@

# SmolLM2-135M and llama.cpp's server, 200 MB: with them the tests of a real model run.
local-model: setup
	$(UV) sync --quiet --frozen --inexact --group evals-llm --python .venv/bin/python

demo: setup
	.venv/bin/aivastark demo

# From web to aivastark/web, which is committed, with types of the API: only those who change it need npm's registry.
web: setup
	.venv/bin/python -m tests.web.build

# Every state of the widget and every page of the dashboard in every look, as pictures in SCREENSHOTS (a folder), after axe-core has looked at it too.
screenshots: setup
	SCREENSHOTS=$(or $(SCREENSHOTS),/tmp/aivastark-screenshots) .venv/bin/pytest tests/web/test_states.py tests/web/dashboard/test_looks.py

# Lighthouse's scores of three pages; it fetches Lighthouse from npm's registry.
lighthouse: setup
	.venv/bin/python -m tests.web.lighthouse

# A linter of Dockerfiles, Helm and Kubernetes' schemas, 110 MB; then what builds and starts the image, without Docker.
deploy-check: setup
	$(UV) sync --quiet --frozen --inexact --group deploy --python .venv/bin/python
	.venv/bin/pytest tests/deploy
	.venv/bin/python -m tests.deploy.dockerfile

# A real S3-compatible server, 153 MB, and the tests that want one; without it they say why they are skipped.
s3-check: setup
	$(UV) sync --quiet --frozen --inexact --group s3-server --python .venv/bin/python
	.venv/bin/pytest tests/contracts/test_blobs.py tests/backends/blobs/test_s3.py

# `kill -9` thirty times in each of three tests, of which `make test` has two with fewer: five minutes.
kills: setup
	TEST_KILLS=30 .venv/bin/pytest tests/journeys/test_kill.py tests/journeys/test_webhooks_kill.py tests/journeys/test_two_by_two.py

# Whatever a model says and a visitor writes, with as many examples as a night has time for.
examples: setup
	TEST_EXAMPLES=$(or $(TEST_EXAMPLES),500) .venv/bin/pytest tests/answers/test_model_properties.py tests/conversations/test_masking_properties.py

test: check
	.venv/bin/pytest --database both -n auto --dist loadfile --no-loadscope-reorder

check: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

# With LLM=local a real model answers too (LLM_WEIGHTS=file.gguf: another one than the packaged).
ifeq ($(LLM),local)
evals: local-model
	.venv/bin/python -m evals.with_model $(if $(LLM_WEIGHTS),--weights $(LLM_WEIGHTS))
else
evals: evals-extraction
	.venv/bin/python -m evals.run
endif

evals-extraction: setup
	$(UV) sync --quiet --frozen --inexact --group evals --python .venv/bin/python
	.venv/bin/python -m evals.extraction

bench: setup
	.venv/bin/python -m benchmarks.run

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
