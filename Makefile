# The index of everything one can do here; a laptop and CI run the same targets.
# `make help` lists them.

# Campaigns (power cuts, models, random walks) run at this size: reduced or full.
SAIFU_CAMPAIGN ?= reduced
export SAIFU_CAMPAIGN

# CI takes the lock file as it is; on a desk cargo may bring it up to date.
LOCKED := $(if $(CI),--locked)

.DEFAULT_GOAL := help
.PHONY: help setup build guests conformance iso7816 demo sale-pcsc kill-steps tear commit-cost api-fuzz bench-ledger attacks model no-std settle-storm card-storm bench-settle bench-apdu bench-trace test full lint fmt doc bare-demo bare-test clean
.NOTPARALLEL:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | \
		while IFS='	' read -r name what; do printf '  make %-12s  %s\n' "$$name" "$$what"; done

setup: ## install what is missing (Debian, Ubuntu) or say what to install
	@scripts/setup

build: ## build every crate and program
	@scripts/setup build
	@cargo build --workspace $(LOCKED)

demo: ## sell three real works to a virtual card and tell each step
	@scripts/setup build
	@cargo build -p saifu-tests --bin demo
	@cargo run -q -p saifu-tests --bin demo

sale-pcsc: ## sell them by three programs, through a private pcscd and HTTP
	@scripts/setup build test
	@cargo build --workspace --bins $(LOCKED)
	@cargo run -q -p saifu-tests --bin sale-pcsc

kill-steps: ## kill each of the three programs at each step of a sale
	@scripts/setup build test
	@cargo build --workspace --bins $(LOCKED)
	@cargo run -q -p saifu-tests --bin kill-steps

model: ## explore the protocol model and refute its mutants
	@scripts/setup build
	@cargo run -q -p saifu-model --bin model $(LOCKED)

GUESTS := -p saifu-guests --features nitrokey $(LOCKED)

guests: ## run Nitrokey's applets beside ours, with GnuPG, OpenSC and Yubico's tool
	@scripts/setup build lint test
	@cargo clippy -q $(GUESTS) --all-targets -- -D warnings
	@cargo test $(GUESTS)
	@$(MAKE) --no-print-directory iso7816

iso7816: ## ask four cards what ISO/IEC 7816-4 says of any: ours, Nitrokey's two, Debian's
	@scripts/setup build test
	@cargo build -q -p saifu-host --bin saifu $(LOCKED)
	@cargo run -q $(GUESTS) --bin iso7816

NO_STD := --manifest-path applet/no-std/Cargo.toml --target-dir $(or $(CARGO_TARGET_DIR),target) \
	$(LOCKED)

no-std: ## prove that the card needs no standard library, and that it would show
	@scripts/setup build lint
	@cargo fmt --manifest-path applet/no-std/Cargo.toml --check
	@cargo clippy -q $(NO_STD) -- -D warnings
	@cargo build -q $(NO_STD)
	@cargo build -q $(NO_STD) --features with-std 2>&1 | grep -q E0152 || \
		{ echo "no-std: with std in a dependency it was built, or failed for another reason" >&2; exit 1; }

commit-cost: ## count what a commit costs with 10 licences and with 10,000
	@scripts/setup build test
	@cargo build -p saifu-tests --bin commit-cost $(LOCKED)
	@cargo run -q -p saifu-tests --bin commit-cost

bench-ledger: ## settle with 1,000 sales in the books and with 1,000,000, and compare
	@scripts/setup build test
	@cargo build -p saifu-tests --bin bench-ledger $(LOCKED)
	@cargo run -q -p saifu-tests --bin bench-ledger

api-fuzz: ## ask the HTTP interface by its own description; SAIFU_CAMPAIGN=full for more
	@scripts/setup build fuzz
	@cargo build --workspace --bins $(LOCKED)
	@cargo run -q -p saifu-tests --bin api-fuzz $(LOCKED) -- \
		$(abspath $(TARGET))/schemathesis/bin/schemathesis

settle-storm: ## kill the center during sales; SAIFU_CAMPAIGN=full for 100 times in 10,000
	@scripts/setup build
	@cargo build -p saifu-center -p saifu-tests --bins $(LOCKED)
	@cargo run -q -p saifu-tests --bin settle-storm

card-storm: ## pull and kill ten cards, hosts, pcscds; SAIFU_CAMPAIGN=full for 1,000 insertions
	@scripts/setup build test
	@cargo build --workspace --bins $(LOCKED)
	@cargo run -q -p saifu-tests --bin card-storm

bench-settle: ## how fast payments are settled, against RSA and bare inserts (release)
	@scripts/setup build
	@cargo bench -q -p saifu-center --bench settle $(LOCKED)

bench-apdu: ## how fast the emulator is, against others and its bounds (release)
	@scripts/setup build test
	@cargo bench -q -p saifu-vsmartcard --bench apdu $(LOCKED)

bench-trace: ## how fast traces run on a reader, against a bare loop and other tools (release)
	@scripts/setup build test
	@cargo bench -q -p saifu-host --no-default-features --features virtual-card \
		--bench trace $(LOCKED)

# Rows of the catalogue that only an inside view of the card can show.
ROWS := $(foreach section,ap li pa cr nv st pi id,$(foreach row,1 2 3 4 5 6 7 8 9,::$(section)$(row)))

attacks: ## play the attack catalogue; SAIFU_CAMPAIGN=full for whole families
	@scripts/setup build
	@echo "attacks: from inside the card"
	@cargo test -q -p saifu-applet --lib $(LOCKED) -- $(ROWS)
	@cargo build -p saifu-tests --bin attacks $(LOCKED)
	@cargo run -q -p saifu-tests --bin attacks

conformance: ## run every trace in process and through pcscd, and count what they show of apdu-spec.md
	@scripts/setup build test
	@cargo build -p saifu-tests --bin conformance $(LOCKED)
	@cargo run -q -p saifu-tests --bin conformance $(LOCKED)

tear: ## cut power at every write of every command; SAIFU_CAMPAIGN=full for all of it
	@scripts/setup build
	@cargo build -p saifu-tests --bin tear $(LOCKED)
	@cargo run -q -p saifu-tests --bin tear

# What the tests say and leave, to be searched for secrets.
TARGET := $(or $(CARGO_TARGET_DIR),target)
TEST_LOG := $(TARGET)/test-run.log
LEAVINGS := $(abspath $(TARGET))/test-leavings

test: ## lint, then every test, campaigns at a reduced size; then the search for secrets
	@scripts/setup
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory no-std
	@echo "campaigns: $(SAIFU_CAMPAIGN) size"
	@rm -rf $(LEAVINGS) && mkdir -p $(LEAVINGS) && : >$(TEST_LOG)
	@bash -o pipefail -c 'cargo test --workspace --doc $(LOCKED) 2>&1 | tee -a $(TEST_LOG)'
	@SAIFU_LEAVINGS=$(LEAVINGS) bash -o pipefail -c 'cargo test --workspace --no-fail-fast --lib --bins --tests \
		--examples $(LOCKED) 2>&1 | tee -a $(TEST_LOG)'
	@bash -o pipefail -c '$(MAKE) --no-print-directory guests 2>&1 | tee -a $(TEST_LOG)'
	@bash -o pipefail -c '$(MAKE) --no-print-directory api-fuzz 2>&1 | tee -a $(TEST_LOG)'
	@cargo build -q -p saifu-tests --bin secrets $(LOCKED)
	@cargo run -q -p saifu-tests --bin secrets $(LOCKED) -- $(TEST_LOG) $(LEAVINGS)
	@rm -rf $(LEAVINGS)

full: ## as test, with the campaigns at full size
	@$(MAKE) --no-print-directory test SAIFU_CAMPAIGN=full

lint: ## formatting and clippy; a warning is an error
	@scripts/setup build lint
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets $(LOCKED) -- -D warnings

fmt: ## format the sources
	@cargo fmt --all

doc: ## the interface documentation, in target/doc
	@scripts/setup build
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps $(LOCKED)

bare-demo: ## make demo on a bare Debian made for it (root, debootstrap)
	@scripts/bare-machine demo

bare-test: ## make test on a bare Debian made for it (root, debootstrap)
	@scripts/bare-machine test

clean: ## remove what was built
	@cargo clean
