# SPDX-License-Identifier: Apache-2.0
# base/: what has no subject of ours. What a program does not use stays out of it.
noinst_LIBRARIES += base/libbase.a
base_libbase_a_SOURCES = \
	base/address.c base/address.h \
	base/base64.c base/base64.h \
	base/buf.c base/buf.h \
	base/clock.c base/clock.h \
	base/config.c base/config.h \
	base/guard.c base/guard.h \
	base/hash.c base/hash.h \
	base/config_table.c base/config_table.h \
	base/id.c base/id.h \
	base/json_line.c base/json_line.h \
	base/jw.c base/jw.h \
	base/list.h \
	base/listener.c base/listener.h \
	base/log.c base/log.h \
	base/lookup.c base/lookup.h \
	base/mac.c base/mac.h \
	base/manager.c base/manager.h \
	base/must.h \
	base/password.c base/password.h \
	base/pattern.cc base/pattern.h \
	base/privilege.c base/privilege.h \
	base/redactor.c base/redactor.h \
	base/redactor_json.c \
	base/secret.c base/secret.h \
	base/signals.c base/signals.h \
	base/unix_socket.c base/unix_socket.h \
	base/utf8.c base/utf8.h \
	base/version.c base/version.h \
	base/watch.c base/watch.h

# The version comes from the command line, which no dependency file knows of.
base/version.$(OBJEXT): config.status

# What the programs link, in the order in which the rooms use each other.
TRACE_LIBS = store/libstore.a wire/libwire.a base/libbase.a $(CRYPTO_LIBS)

BASE_UNIT_TESTS = \
	tests/unit/test_base_address \
	tests/unit/test_base_base64 \
	tests/unit/test_base_buf \
	tests/unit/test_base_clock \
	tests/unit/test_base_config \
	tests/unit/test_base_guard \
	tests/unit/test_base_hash \
	tests/unit/test_base_id \
	tests/unit/test_base_json_line \
	tests/unit/test_base_jw \
	tests/unit/test_base_listener \
	tests/unit/test_base_log \
	tests/unit/test_base_lookup \
	tests/unit/test_base_manager \
	tests/unit/test_base_password \
	tests/unit/test_base_redactor \
	tests/unit/test_base_secret \
	tests/unit/test_base_unix_socket \
	tests/unit/test_base_utf8
check_PROGRAMS += $(BASE_UNIT_TESTS)
UNIT_TESTS += $(BASE_UNIT_TESTS)
tests_unit_test_base_redactor_LDADD = $(LDADD) $(RE2_LIBS)
tests_unit_test_base_password_LDADD = $(LDADD) $(ARGON2_LIBS)
