# The book and its checks. `make help` lists what there is.

PYTHON  ?= python3
# size of the experiments; empty: the stored runs, nothing is trained
PROFILE ?=
DEVICE  ?= cpu
# chapters executed at the same time; empty: one per core
WORKERS ?=
# options of jupyter lab
LAB ?=
# of the packages: locked (as tested, with hashes), newest, or oldest (that requirements.txt allows)
VERSIONS ?= locked

SHELL := bash
bin   := .venv/bin
ready := .venv/.installed-$(VERSIONS)

install_locked := pip install -r constraints.txt
install_newest := pip install --upgrade -r requirements.txt
install_oldest := uv pip install --resolution lowest-direct -r requirements.txt
install := $(install_$(VERSIONS))
$(if $(install),,$(error VERSIONS=$(VERSIONS) is none of locked, newest, oldest))

workers := $(if $(WORKERS),--workers $(WORKERS))
# strict: a warning, or a reference that leads nowhere, fails the build
strict := -W -n --keep-going --all

# test processes run side by side: more threads than cores make small matrices far slower
tests := OMP_NUM_THREADS=1 $(bin)/python -m pytest -n 2
units := tests --ignore tests/book/test_html.py
checks := lint build units notebooks pages
# of make test, in order; the first two need one core each
stages := lint+build units notebooks pages

# $(call build,SOURCE,FOLDER): the book in SOURCE, to FOLDER/_build/html
define build
rm -rf $(2)
$(bin)/jupyter-book build $(1) --path-output $(2) $(strict) >/dev/null
endef

# $(call publish,FOLDER): the finished book takes the place of the old one, whole
define publish
@rm -rf _build/html _build/.doctrees
@mv $(1)/_build/html _build/html
@rm -rf $(1)
@echo "The book: $(CURDIR)/_build/html/index.html"
endef

CHROMIUM ?= chromium
# --no-sandbox is what a container's root needs; the pages are our own, and load nothing else
print := --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --virtual-time-budget=120000 --no-pdf-header-footer

.PHONY: book html pdf test lab notebooks setup data lock clean help $(checks:%=check-%) check-slow

book: setup data  ## execute every chapter, then build the book
	$(if $(PROFILE),$(bin)/python -m study experiments run --live \
	  --profile $(PROFILE) --device $(DEVICE))
	$(bin)/python -m study book execute --device $(DEVICE) $(workers) \
	  $(if $(PROFILE),--profile $(PROFILE) --live)
	$(bin)/python -m study book stage
	$(call build,_build/book,_build/live)
	$(call publish,_build/live)

html: setup  ## build the book from the committed notebooks, executing nothing
	$(call build,book/,_build/committed)
	$(call publish,_build/committed)

pdf: setup  ## print the whole book to _build/book.pdf, from the committed notebooks, by Chromium
	rm -rf _build/pdf
	$(bin)/jupyter-book build book/ --builder singlehtml --path-output _build/pdf $(strict) >/dev/null
	$(CHROMIUM) $(print) --user-data-dir=_build/pdf/chromium --print-to-pdf=_build/book.pdf \
	  file://$(CURDIR)/_build/pdf/_build/singlehtml/index.html
	@echo "The book: $(CURDIR)/_build/book.pdf"

test: setup data  ## check code, types, notebooks and built pages, but for what check-slow checks
	@mkdir -p _build/test
	@: >_build/test/summary
	@set -o pipefail; for stage in $(stages); do \
	  echo; echo "== $$stage"; \
	  start=$$SECONDS; \
	  parts=$$(printf ' check-%s' $${stage//+/ }); \
	  if $(MAKE) --no-print-directory -j 2 $$parts 2>&1 | tee _build/test/$$stage.log; then \
	    result=passed; \
	  else \
	    result=FAILED; \
	  fi; \
	  last=$$(grep -v '^make' _build/test/$$stage.log | tail -n 1 | sed 's/^=* *//; s/ *=*$$//'); \
	  printf '%-10s %s  %4d s  %s\n' $$stage $$result $$((SECONDS - start)) "$$last" \
	    >>_build/test/summary; \
	  [ $$result = passed ] || break; \
	done; \
	echo; echo "== summary"; cat _build/test/summary; \
	if [ $$result = passed ]; then \
	  echo "make test: all passed"; \
	else \
	  echo "make test: FAILED in $$stage; to run this stage alone: make$$parts"; \
	  exit 1; \
	fi

check-lint: setup
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/python -m study book check

check-units: setup data
	$(tests) $(units) -m "not slow"

check-slow: setup data  ## the tests that take long: kills, resumed runs, live chapters, other CPUs
	$(tests) $(units) -m slow

check-notebooks: setup data
	$(tests) --nbval --nbval-current-env --dist loadscope book/

check-build: setup
	$(call build,book/,_build/test/book)
	@echo "built without a warning"

# needs what check-build has built
check-pages: setup
	IPAE_HTML=_build/test/book/_build/html $(tests) tests/book/test_html.py

lab: setup data  ## open the chapters in JupyterLab
	cd book && ../$(bin)/jupyter lab $(LAB)

notebooks: setup data  ## execute every chapter and refresh the committed notebooks
	$(bin)/python -m study book refresh $(workers)

setup: $(ready)  ## create .venv and install everything into it

data: setup
	$(bin)/ipae data

$(ready): requirements.txt constraints.txt pyproject.toml study/pyproject.toml
	@if ! $(bin)/python -m pip --version >/dev/null 2>&1; then \
	  if ! command -v $(PYTHON) >/dev/null; then \
	    echo "make: there is no $(PYTHON); name a Python >= 3.11: make PYTHON=/path/to/python"; \
	    exit 1; \
	  fi; \
	  if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	    echo "make: $(PYTHON) is $$($(PYTHON) --version 2>&1); the book needs Python >= 3.11," \
	      "for example: make PYTHON=python3.12"; \
	    exit 1; \
	  fi; \
	  $(PYTHON) -m venv --clear .venv; \
	fi
	$(if $(filter oldest,$(VERSIONS)),$(bin)/python -m pip install uv)
	$(bin)/python -m $(install)
	$(bin)/python -m pip install --no-build-isolation --no-deps -e . -e study
	@# a double click on a chapter's .py opens it as a notebook
	$(bin)/jupytext-config \
	  --settings-file .venv/etc/jupyter/labconfig/default_setting_overrides.json \
	  set-default-viewer python
	@rm -f .venv/.installed*
	@touch $@

lock: setup  ## write constraints.txt anew: what is there stays, unless LOCK=--upgrade
	$(bin)/python -m uv pip compile requirements.txt --output-file constraints.txt \
	  --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --quiet $(LOCK)

clean:  ## remove what was built; .venv and the MNIST files stay
	rm -rf _build

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):[^#]*## */\1|/' \
	  | while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done
	@echo
	@echo "  PYTHON=python3  the Python that .venv is made from"
	@echo "  PROFILE=        size at which make book trains anew: tiny, quick or paper;"
	@echo "                  if empty it takes the stored runs of the paper's size"
	@echo "  DEVICE=cpu      where make book trains: cpu or cuda"
	@echo "  WORKERS=        chapters executed at the same time; one per core if empty"
	@echo "  VERSIONS=locked of the packages: locked (as tested), newest or oldest"
	@echo "  LAB=            options of make lab, for example LAB='--no-browser --port 9000'"
