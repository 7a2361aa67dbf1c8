PYTHON ?= python3
BOOTSTRAP = $(PYTHON) packaging/bootstrap.py

.PHONY: setup run test test-all bench lint clean

setup run test test-all bench lint clean:
	@$(BOOTSTRAP) $@ $(PHOTO)
