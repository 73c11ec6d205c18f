# SPDX-License-Identifier: Apache-2.0
# wire/: what two programs must agree on, both halves of each grammar in one file.
noinst_LIBRARIES += wire/libwire.a
wire_libwire_a_SOURCES = \
	wire/bus.c wire/bus.h \
	wire/cursor.c wire/cursor.h \
	wire/dialect.c wire/dialect.h \
	wire/event.c wire/event.h \
	wire/handoff.c wire/handoff.h \
	wire/hint.c wire/hint.h \
	wire/interest.c wire/interest.h \
	wire/pass.c wire/pass.h \
	wire/room_name.c wire/room_name.h \
	wire/socket.c wire/socket.h \
	wire/spans.c wire/spans.h \
	wire/subscription.c wire/subscription.h

WIRE_UNIT_TESTS = \
	tests/unit/test_wire_bus \
	tests/unit/test_wire_cursor \
	tests/unit/test_wire_handoff \
	tests/unit/test_wire_hint \
	tests/unit/test_wire_names \
	tests/unit/test_wire_pass \
	tests/unit/test_wire_subscription
check_PROGRAMS += $(WIRE_UNIT_TESTS)
UNIT_TESTS += $(WIRE_UNIT_TESTS)
WIRE_TEST_PUSHER = tests/unit/wire_pusher.c tests/unit/wire_pusher.h
tests_unit_test_wire_bus_SOURCES = tests/unit/test_wire_bus.c $(WIRE_TEST_PUSHER)
tests_unit_test_wire_pass_LDADD = $(LDADD) $(CRYPTO_LIBS)
