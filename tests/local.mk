# SPDX-License-Identifier: Apache-2.0
# tests/: the programs themselves are named by the rooms that they test, in UNIT_TESTS.
TESTS += $(UNIT_TESTS)
include tests/fuzz/local.mk

check-unit check-integration check-attack check-browser check-fault check-cluster check-lint:
	$(top_srcdir)/check $(@:check-%=%)

# What the suites ask the Makefile.
check-programs: $(check_PROGRAMS)
print-programs:
	@echo $(bin_PROGRAMS) $(libexec_PROGRAMS)
print-unit-tests:
	@printf '%s\n' $(UNIT_TESTS)
print-cflags:
	@echo -I$(abs_top_srcdir) -D_GNU_SOURCE $(AM_CFLAGS) $(PQ_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) \
	  $(CMOCKA_CFLAGS) $(ARGON2_CFLAGS) $(GUMBO_CFLAGS) -UNDEBUG

# For editors: what compiles each file.
compdb:
	@{ echo '['; for file in $$(cd $(top_srcdir) && git ls-files '*.c'); do \
	  printf '%s{"directory":"%s","file":"%s","command":"$(CC) %s -c %s"}' "$$comma" '$(abs_top_srcdir)' "$$file" \
	    "$$($(MAKE) -s print-cflags)" "$$file"; comma=','; done; echo ']'; } >$(top_srcdir)/compile_commands.json

format:
	cd $(top_srcdir) && git ls-files '*.c' '*.cc' '*.h' | xargs clang-format -i
	cd $(top_srcdir) && git ls-files '*.js' '*.mjs' '*.css' '*.html' '*.json' | xargs tests/lint/tools/node_modules/.bin/prettier --write --log-level warn

.PHONY: check-unit check-integration check-attack check-browser check-fault check-cluster check-lint check-programs print-programs print-unit-tests print-cflags compdb format

# Half an hour of faults (TIME=minutes, SEED=): tests/fault/soak.mjs.
soak:
	node $(top_srcdir)/tests/fault/soak.mjs "$${TIME:-30}" $$SEED

# A quarter of an hour of a cluster's faults (TIME=minutes, SEED=): tests/cluster/soak.mjs.
soak-cluster:
	node $(top_srcdir)/tests/cluster/soak.mjs "$${TIME:-15}" $$SEED

.PHONY: soak soak-cluster

check_PROGRAMS += tests/fault/hints

# Benchmarks: built with the tests, so that they stay true; they print and fail no build.
bench:
	for bench in fanout whole behind rooms idle steps progress delay overload storm dom read growth search relays; do node $(top_srcdir)/tests/bench/$$bench.mjs || exit; done

.PHONY: bench

check_LIBRARIES = tests/bench/libload.a
tests_bench_libload_a_SOURCES = \
	tests/bench/histogram.c tests/bench/histogram.h \
	tests/bench/local.c tests/bench/local.h \
	tests/bench/samples.c tests/bench/samples.h \
	tests/bench/stream.c tests/bench/stream.h \
	tests/bench/wire.c tests/bench/wire.h
LOAD_LIBS = tests/bench/libload.a $(TRACE_LIBS)

check_PROGRAMS += tests/bench/calls tests/bench/delay tests/bench/empty tests/bench/mixed tests/bench/overload \
	tests/bench/read tests/bench/storm
tests_bench_calls_LDADD = $(LOAD_LIBS)
tests_bench_delay_LDADD = $(LOAD_LIBS)
tests_bench_empty_LDADD = $(CGI_LIBS)
tests_bench_mixed_LDADD = $(LOAD_LIBS)
tests_bench_overload_SOURCES = tests/bench/overload.c tests/bench/overload.h \
	tests/bench/overload_agents.c tests/bench/overload_agents.h tests/bench/overload_readers.c
tests_bench_overload_LDADD = $(LOAD_LIBS)
tests_bench_storm_SOURCES = tests/bench/storm.c tests/bench/storm_subscribers.c tests/bench/storm_subscribers.h
tests_bench_storm_LDADD = $(LOAD_LIBS)
tests_bench_read_SOURCES = tests/bench/read.c tests/bench/fastcgi.c tests/bench/fastcgi.h
tests_bench_read_LDADD = $(LOAD_LIBS) $(PQ_LIBS)
# It finds the statements by their section, as tests/integration/statements does.
check_PROGRAMS += tests/bench/commits
tests_bench_commits_LDFLAGS = $(tests_integration_statements_LDFLAGS)
tests_bench_commits_LDADD = tests/bench/libload.a $(tests_integration_statements_LDADD)
tests_bench_commits_DEPENDENCIES = tests/bench/libload.a $(tests_integration_statements_DEPENDENCIES)
check_PROGRAMS += tests/bench/bare tests/bench/load tests/bench/relays
tests_bench_bare_LDADD = $(LOAD_LIBS)
tests_bench_load_SOURCES = tests/bench/load.c tests/bench/readers.c tests/bench/readers.h tests/bench/target.c tests/bench/target.h
tests_bench_load_LDADD = $(LOAD_LIBS) $(JANSSON_LIBS)
tests_bench_relays_LDADD = $(LOAD_LIBS) $(JANSSON_LIBS)
