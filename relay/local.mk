# SPDX-License-Identifier: Apache-2.0
# relay/: hints between machines. What thinks is in an archive of its own, so that tests and the fuzzer link it without NATS.
noinst_LIBRARIES += relay/librelay.a
relay_librelay_a_SOURCES = \
	relay/followed.c relay/followed.h \
	relay/seal.c relay/seal.h

libexec_PROGRAMS += relay/trace-relay
relay_trace_relay_SOURCES = \
	relay/arrivals.c relay/arrivals.h \
	relay/bridge.c relay/bridge.h \
	relay/loop.c relay/loop.h \
	relay/main.c \
	relay/peers.c relay/peers.h \
	relay/publish.c relay/publish.h \
	relay/questions.c relay/questions.h \
	relay/relay.h \
	relay/report.c relay/report.h \
	relay/take.c relay/take.h \
	relay/texts.c relay/texts.h
relay_trace_relay_LDADD = relay/librelay.a wire/libwire.a base/libbase.a $(NATS_LIBS) $(CRYPTO_LIBS) -lpthread

check_PROGRAMS += tests/unit/test_relay_clocks tests/unit/test_relay_parts
UNIT_TESTS += tests/unit/test_relay_clocks tests/unit/test_relay_parts
tests_unit_test_relay_clocks_SOURCES = tests/unit/test_relay_clocks.c relay/arrivals.c relay/bridge.c relay/peers.c relay/publish.c relay/questions.c
tests_unit_test_relay_clocks_LDADD = relay/librelay.a wire/libwire.a base/libbase.a $(NATS_LIBS) $(CMOCKA_LIBS) $(CRYPTO_LIBS) -lpthread
tests_unit_test_relay_parts_LDADD = relay/librelay.a wire/libwire.a base/libbase.a $(CMOCKA_LIBS) $(CRYPTO_LIBS)
