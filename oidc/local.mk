# SPDX-License-Identifier: Apache-2.0
# oidc/: signing in by an identity provider, as far as it is neither HTTP of ours nor a database.
noinst_LIBRARIES += oidc/liboidc.a
oidc_liboidc_a_SOURCES = \
	oidc/fetch.c oidc/fetch.h \
	oidc/provider.c oidc/provider.h \
	oidc/token.c oidc/token.h
OIDC_LIBS = $(CURL_LIBS) $(CJOSE_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/test_oidc_token
UNIT_TESTS += tests/unit/test_oidc_token
tests_unit_test_oidc_token_LDADD = oidc/liboidc.a base/libbase.a $(OIDC_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
