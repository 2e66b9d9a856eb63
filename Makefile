# Verbs only: meson.build describes the build.  `make run` and `make test` need nothing
# done before them on a Debian 12 (they install what is missing and say so).
#
#   make run     build build/weir and start it: weir up
#   make test    everything: unit, wire, dialect and end-to-end tests under ASan and UBSan
#   make test-clients   real clients and the recipes of the guide, installed from PyPI and
#                npm into build-clients/ (ONLY: names of clients)
#   make test-agents    Claude Code, Codex, Gemini CLI and Aider at work through weir, on scripted
#                engines of dialects that they do not speak (ONLY: names)
#   make test-dialects  every dialect of clients against every dialect of engines, case by
#                case (ONLY: part of a case's name)
#   make test-engines   Ollama and llama-cpp-python with a small model, built into
#                build-engines/ from Go's and Python's packages
#   make lint    format, clang-tidy, include directions, lengths (FAST=1: changed files)
#   make asan    unit and wire tests only, under ASan and UBSan
#   make tsan    unit and wire tests under TSan, weir with four workers
#   make tsan-page   the pause of the cloud under load with twenty pages open, under TSan
#   make coverage   lines and branches of each room that the tests run (UNDER=ROOM: the
#                places in it that none does)
#   make fuzz    every libFuzzer target for FUZZ_SECONDS each (ONLY: names of targets)
#   make soak    the long runs, one by one: soak-property soak-money soak-parsers soak-restore
#                soak-answers soak-kill soak-alloc soak-edges soak-flood soak-disk soak-memory
#                soak-stall soak-bench_stall soak-pilot soak-mixed (RUNS, KILLS, SLOW, MINUTES)
#   make soak-page   SOAK (20) minutes of streams beside open pages: instructions, delays, memory
#                and whether any of them grows
#   make bench   weir beside HAProxy and nginx on two CPUs (BENCH: options of bench.py)
#   make bench-translated   what translating takes, for each dialect of clients and engines,
#                in CPU time and memory beside one dialect (BENCH: options of translated.py)
#   make instructions  what a request and an event take, counted by callgrind
#                (AGAINST: other binaries of weir to count first)
#   make bench-accuracy   how far the stamps of `weir bench` are from the engine's own, 1 to 256
#                streams; make bench-rate: events a second that one core of it times
#   make bench-first   how soon the page's first screen is there, over a month of ROWS (10,000,000)
#                rows, in Chromium
#   make bench-migration  a ledger of 0.1.1 with ROWS rows becomes one of this format
#   make bench-peers   weir beside two LLM gateways, installed from npm and PyPI
#   make bench-scan  the scanner and the restorer by themselves, on made-up texts
#   make eval-guard DATA=DIR   figures of `weir scan` on labelled texts, with intervals
#                (HALF=dev GENRES=a,b BY=genre LEAVE=a,b JSON=1 QUICK=1)
#   make agent-day REPO=DIR   a coding agent's day over a repository, through weir: what was held
#                or masked, and by which file (DAY: options of agent_day.py)
#   make allow-list  .weir-allow anew: the made-up values of this repository, for weir's guard
#                (guard: allow) in front of an agent that works on it
#   make tagger DATA=DIR       texts made up from DIR/pii/names, and the scanner's tagger
#                learnt from them: data/guard/tagger.bin (TEXTS, EPOCHS, SEED, PROSE)
#   make names DATA=DIR        the reader of names, learnt from the texts of DIR/ner:
#                data/guard/names.bin (NAMES_EPOCHS, NAMES_LEAN, NAMES_CODE; LEAVE: sources to
#                leave out, with commas between, for weights in build/ that never saw them)
#   make router DATA=DIR       the learned router, from the scores of DIR/router:
#                data/router/weights.bin
#   make eval-route DATA=DIR   what policy learned is worth on sources it has not seen; fails when a
#                figure is more than .001 off tests/golden/eval_route.tsv (WRITE=1 writes that anew;
#                LEARN=1: what learning while it runs adds, instead)
#   make prior DATA=DIR        does a text speak of private people: data/guard/prior.bin
#                (LEAVE: sources to print figures of instead of learning from them)
#   make eval-names DATA=DIR   who is a person to `weir scan --names`, on real text
#   make eval-replay DATA=DIR   recorded answers played through a running weir: does it do what
#                weir eval escalate says?
#   make eval-escalate DATA=DIR   was a local answer good enough: figures for every source of
#                recorded answers, with weights that were learnt without it
#   make judge DATA=DIR        those weights, learnt from all of them: data/judge/weights.inc
#   make install PREFIX=/usr/local DESTDIR=
#   make eval-fit DATA=../shared/data   the speed model against measured speeds
#   make eval-claims DATA=DIR   does `weir claim` read sentences about measured speeds, and what it
#                calls them; false claims of articles beside them
#   make clean   remove every build directory

PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
FUZZ_SECONDS ?= 60
RUNS ?= 10000
KILLS ?= 1000
SLOW ?= 10000
MINUTES ?= 30
SOAK ?= 20
SOAKS = property money parsers restore answers pilot kill alloc edges flood disk memory stall bench_stall mixed
NINJA = ninja -j$(JOBS)
RELEASE = -Dbuildtype=release -Dtests=false -Db_lto=true
TEST_HOOKS = -Dbuildtype=debug -Dtest_hooks=true -Db_lundef=false

DATA ?= ../shared/data

.PHONY: eval-fit eval-claims bench-build bench-scan all build run test test-build asan tsan coverage fuzz bench bench-peers lint
.PHONY: bench-page bench-first bench-accuracy bench-rate bench-migration bench-translated eval-escalate eval-replay judge router eval-route
.PHONY: agent-day allow-list eval-guard eval-names tagger names prior install clean instructions test-agents test-clients test-dialects
.PHONY: test-engines tsan-page soak-page
.PHONY: soak $(addprefix soak-,$(SOAKS))
all: build

build:
	@tools/setup.sh run
	@tools/configure.sh build $(RELEASE) -Dprefix=$(PREFIX)
	@$(NINJA) -C build

run: build
	@exec build/weir up $(ARGS)

test-build:
	@tools/setup.sh test
	@rm -f build-test/totals
	@tools/configure.sh build-test $(TEST_HOOKS) -Db_sanitize=address,undefined
	@$(NINJA) -C build-test

test: test-build
	@tests/parsers/build.sh build-test/parsers
	@python3 tools/run_tests.py build-test unit wire dialects e2e

test-clients: test-build
	@tools/setup.sh test clients
	@python3 tests/clients/run.py --weir build-test/weir --build build-clients \
	    $(if $(ONLY),--only $(ONLY))

# A release build: what goes to a cloud engine is scanned, 80 KB at once.
test-agents: build
	@tools/setup.sh run clients
	@python3 tests/agents/run.py --weir build/weir --build build-clients \
	    $(if $(ONLY),--only $(ONLY))

test-dialects: test-build
	@python3 tests/dialects/run.py --weir build-test/weir $(if $(ONLY),--only $(ONLY))
	@$(if $(ONLY),:,python3 tests/dialects/losses.py --weir build-test/weir)

test-engines: test-build
	@tools/setup.sh test engines
	@tests/engines/build.sh build-engines
	@python3 tests/e2e/run.py --weir build-test/weir test_live

asan: test-build
	@python3 tools/run_tests.py build-test unit wire

tsan:
	@tools/setup.sh test
	@tools/configure.sh build-tsan $(TEST_HOOKS) -Db_sanitize=thread
	@$(NINJA) -C build-tsan
	@python3 tools/run_tests.py --workers 4 build-tsan unit wire

tsan-page:
	@tools/setup.sh test
	@tools/configure.sh build-tsan $(TEST_HOOKS) -Db_sanitize=thread
	@$(NINJA) -C build-tsan src/cmd/weir
	@python3 tests/e2e/run.py --weir build-tsan/src/cmd/weir test_page_load ThreeWorkers

coverage:
	@tools/setup.sh test
	@tools/configure.sh build-coverage $(TEST_HOOKS) -Db_coverage=true
	@$(NINJA) -C build-coverage
	@find build-coverage -name '*.gcda' -delete
	@python3 tools/run_tests.py build-coverage unit wire e2e || true
	@python3 tools/coverage.py build-coverage $(if $(UNDER),--under $(UNDER))

# clang warns of more than gcc does: here its warnings are no errors, in CI either.
fuzz:
	@tools/setup.sh test fuzz
	@CC=clang CI= tools/configure.sh build-fuzz $(TEST_HOOKS) -Dfuzz=true \
	    -Db_sanitize=address,undefined
	@$(NINJA) -C build-fuzz $(if $(ONLY),$(addprefix tests/fuzz/fuzz_,$(ONLY)))
	@python3 tools/run_fuzz.py build-fuzz $(FUZZ_SECONDS) $(ONLY)

soak: $(addprefix soak-,$(SOAKS))

soak-property: test-build
	@WEIR_PROPERTY_RUNS=$(RUNS) python3 tests/e2e/run.py --weir build-test/weir \
	    test_property

soak-money: test-build
	@WEIR_MONEY_RUNS=$(RUNS) python3 tests/e2e/run.py --weir build-test/weir test_money

soak-restore: test-build
	@WEIR_RESTORE_RUNS=$(RUNS) build-test/tests/unit/test_restore_property

# Streams of random events, and engines that send what nobody asked for.
soak-answers: test-build
	@WEIR_ANSWERS_RUNS=$(RUNS) build-test/tests/unit/test_stream_order
	@WEIR_ANSWERS_RUNS=$(RUNS) build-test/tests/unit/test_desync

soak-pilot: test-build
	@WEIR_PILOTS=$(RUNS) build-test/tests/unit/test_pilot

soak-parsers: test-build
	@tools/setup.sh test parsers
	@tests/parsers/build.sh build-test/parsers
	@WEIR_PARSERS_RUNS=$(RUNS) python3 tests/e2e/run.py --weir build-test/weir \
	    test_parsers

soak-kill: test-build
	@WEIR_KILL_ROUNDS=$(KILLS) python3 tests/e2e/run.py --weir build-test/weir test_kill

soak-alloc soak-edges soak-disk: soak-%: test-build
	@python3 tests/soak/$*.py --weir build-test/weir

soak-flood: test-build
	@python3 tests/soak/flood.py --weir build-test/weir --slow $(SLOW)

soak-memory soak-stall soak-bench_stall: soak-%: build
	@python3 tests/soak/$*.py --weir build/weir

soak-mixed: build
	@python3 tests/soak/mixed.py --weir build/weir --minutes $(MINUTES)

soak-page: bench-build
	@python3 tests/soak/page.py --weir build-bench/src/cmd/weir --minutes $(SOAK)

lint:
	@tools/setup.sh test lint
	@tools/configure.sh build-test $(TEST_HOOKS) -Db_sanitize=address,undefined
	@tools/lint.sh $(if $(FAST),--changed) build-test

bench: bench-build
	@python3 tests/bench/bench.py $(BENCH) build-bench

bench-page: bench-build
	@python3 tests/bench/page_cost.py build-bench

bench-first: bench-build
	@tools/setup.sh test pages
	@python3 tests/bench/page_first.py build-bench $(ROWS)

instructions: bench-build
	@python3 tests/bench/instructions.py build-bench $(AGAINST) $(if $(AGAINST),build-bench/src/cmd/weir)

bench-translated: bench-build
	@python3 tests/bench/translated.py $(BENCH) build-bench

bench-accuracy bench-rate: bench-build
	@python3 tests/bench/accuracy.py $(if $(filter bench-rate,$@),--rate) build-bench

bench-migration: build
	@python3 tests/bench/ledger_migration.py build/weir $(ROWS)

bench-peers:
	@tools/setup.sh run bench peers
	@tools/configure.sh build-bench $(RELEASE) -Dbench=true
	@$(NINJA) -C build-bench
	@python3 tests/bench/peers.py $(BENCH) build-bench build-peers

bench-build:
	@tools/setup.sh run bench
	@tools/configure.sh build-bench $(RELEASE) -Dbench=true
	@$(NINJA) -C build-bench

bench-scan: bench-build
	@build-bench/tests/bench/scan_bench

HALF ?= dev
eval-guard: build bench-build
	@python3 tools/eval_guard.py build/weir $(DATA) --half $(HALF) \
	    --bench build-bench/tests/bench/scan_bench $(addprefix --genres=,$(GENRES)) \
	    $(addprefix --by=,$(BY)) $(addprefix --leave=,$(LEAVE)) $(if $(JSON),--json) \
	    $(if $(QUICK),--quick)

REPO ?= .
agent-day: build
	@python3 tools/agent_day.py build/weir $(REPO) $(DAY)

allow-list: build
	@tools/allow_list.sh build/weir

TEXTS ?= 300000
EPOCHS ?= 5
SEED ?= 3
PROSE ?= /usr/share/doc /usr/share/doc /usr/share/perl /usr/share/man/man1 \
    /usr/share/man/man7 $(addprefix /usr/share/man/,de fr it nl pl pt es sv)
tagger: build
	@python3 tools/guard_generate.py --names $(DATA)/pii/names --texts $(TEXTS) \
	    --seed $(SEED) $(addprefix --prose ,$(wildcard $(PROSE))) > build/tagger.jsonl
	@build/weir train tagger --from build/tagger.jsonl --out data/guard/tagger.bin \
	    --epochs $(EPOCHS) --seed $(SEED)

NAMES_EPOCHS ?= 6
# A miss weighs more than an invention, most where there are few texts to learn from; see docs/guard.md.
NAMES_LEAN ?= --lean 200 --lean-cased 200 --lean-uncased 300
# Installed sources: pieces of them name nobody.
NAMES_CODE ?= /usr/lib/python3 /usr/lib/python3.11 /usr/include /usr/share \
    /usr/lib/node_modules /usr/lib/git-core /usr/lib/llvm-14 /usr/lib/go-1.19 \
    /usr/share/go-1.19 /usr/lib/go /usr/share/go /usr/local/go /usr/local/lib
names: build
	@python3 tools/guard_generate.py --names $(DATA)/pii/names --texts 60000 --seed 3 \
	    --prose /usr/share/doc --prose /usr/share/man/man1 --prose /usr/share/man/de \
	    > build/made.jsonl
	@python3 tools/names_corpus.py --data $(DATA)/ner --census $(DATA)/pii/names \
	    --blind tests/blind --made build/made.jsonl $(addprefix --leave ,$(LEAVE)) \
	    $(addprefix --code ,$(wildcard $(NAMES_CODE))) > build/names.jsonl
	@build/weir train names --from build/names.jsonl --epochs $(NAMES_EPOCHS) --rows 78944 \
	    $(NAMES_LEAN) --out $(if $(LEAVE),build,data/guard)/names.bin

# With LEAVE the table goes to build/ and its figures count.
prior: build
	@python3 tools/guard_generate.py --names $(DATA)/pii/names --texts 8000 --seed 3 \
	    > build/prior_made.jsonl
	@python3 tools/prior_corpus.py --data $(DATA) --blind tests/blind \
	    --made build/prior_made.jsonl $(if $(LEAVE),--leave $(LEAVE) --held build/held.jsonl) \
	    > build/prior.jsonl
	@build/weir train prior --from build/prior.jsonl --lean 300 \
	    $(if $(LEAVE),--held build/held.jsonl --out build/prior.bin,--out data/guard/prior.bin)

# The lines of a matrix, unpacked below build/.
ROUTER_LINES = $(patsubst %.gz,build/router/%,$(notdir $(wildcard $(DATA)/router/matrix_*.jsonl.gz)))
build/router/%.jsonl: $(DATA)/router/%.jsonl.gz
	@mkdir -p build/router
	@gunzip -c $< > $@

router: build $(ROUTER_LINES)
	@build/weir train router $(ROUTER_LINES) --out data/router/weights.bin

eval-route: build
	@python3 tools/eval_route.py build/weir $(DATA) \
	    $(if $(LEARN),--learn,tests/golden/eval_route.tsv $(if $(WRITE),--write))

eval-names: build
	@python3 tools/eval_names.py build/weir $(DATA)

install: build
	@DESTDIR=$(DESTDIR) meson install -C build --no-rebuild

eval-fit: build
	@build/weir fit --eval $(DATA)/facts/speeds2_dev.json

eval-claims: build
	@python3 tools/eval_claims.py $(DATA) --weir build/weir

eval-escalate: build
	@python3 tools/escalate_rows.py $(DATA) build/escalate --weir build/weir

eval-replay: build
	@python3 tools/replay_escalation.py $(DATA) build/escalate --weir build/weir

judge: build
	@python3 tools/escalate_rows.py $(DATA) build/escalate
	@build/weir train judge --out data/judge/weights.inc build/escalate/train_*.jsonl

clean:
	rm -rf build build-bench build-clients build-coverage build-engines build-peers build-test build-tsan build-fuzz
