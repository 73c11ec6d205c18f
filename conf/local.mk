# SPDX-License-Identifier: Apache-2.0
# conf/: what is installed beside the programs: the page, and the migrations for trace-admin.
install-data-local:
	$(SHELL) $(top_srcdir)/conf/install/data.sh $(top_srcdir) $(DESTDIR)$(pkgdatadir) $(PACKAGE_VERSION)

uninstall-local:
	$(SHELL) $(top_srcdir)/conf/install/data.sh --remove $(DESTDIR)$(pkgdatadir)
	rm -f $(DESTDIR)$(pkglibdir)/ngx_http_trace_handoff_module.so
	test ! -d $(DESTDIR)$(pkglibdir) || rmdir $(DESTDIR)$(pkglibdir)

# The tarball has every file that the repository has, and the page's packages, so that it builds without git and npm. A
# tarball of a tarball is made from the list that the first one has.
dist-hook:
	test -f $(top_srcdir)/static/vendor/preact.js || \
	  { echo 'static/vendor is missing: run npm ci --ignore-scripts && npm run vendor' >&2; exit 1; }
	list=$$(pwd)/MANIFEST.new && dist=$$(cd $(distdir) && pwd) && chmod -R u+w "$$dist" && cd $(top_srcdir) && \
	  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then git ls-files; else cat MANIFEST; fi | LC_ALL=C sort -u >"$$list" && \
	  while IFS= read -r file; do test ! -e "$$file" || echo "$$file"; done <"$$list" | \
	  tar -cf - -T - static/vendor | tar -xf - -C "$$dist" && mv "$$list" "$$dist/MANIFEST" && rm -f "$$dist"/ingest/otlp.pb-c.[ch]

# Manual pages; two are made of what is written elsewhere.
man_MANS += docs/man/agent-trace.7 docs/man/agent-trace-setup.8 docs/man/trace-agent.8 docs/man/trace-pusher.8 \
	docs/man/trace-relay.8 docs/man/trace-api.8 docs/man/workspace-api.8 docs/man/ingest-api.8 docs/man/demo-model.8 \
	docs/man/agent-trace.env.5 docs/man/trace-admin.8
CLEANFILES += docs/man/agent-trace.env.5 docs/man/trace-admin.8
docs/man/agent-trace.env.5: docs/man/agent-trace.env.head docs/man/agent-trace.env.tail conf/agent-trace.env docs/man/keys.awk
	$(AM_V_GEN)$(MKDIR_P) docs/man && { cat $(srcdir)/docs/man/agent-trace.env.head && \
	  $(AWK) -f $(srcdir)/docs/man/keys.awk $(srcdir)/conf/agent-trace.env && cat $(srcdir)/docs/man/agent-trace.env.tail; } >$@
docs/man/trace-admin.8: docs/man/trace-admin.head docs/man/trace-admin.tail admin/README.md docs/man/commands.awk
	$(AM_V_GEN)$(MKDIR_P) docs/man && { cat $(srcdir)/docs/man/trace-admin.head && \
	  $(AWK) -f $(srcdir)/docs/man/commands.awk $(srcdir)/admin/README.md && cat $(srcdir)/docs/man/trace-admin.tail; } >$@

EXTRA_DIST += docs/api.md docs/configuration.md docs/mcp.md docs/models.md docs/openapi.yaml docs/operate.md docs/scale.md docs/threat-model.md

# What `./run` becomes: it starts the programs, and starts again what dies.
libexec_PROGRAMS += conf/trace-supervise
conf_trace_supervise_SOURCES = \
	conf/supervise/child.c conf/supervise/child.h \
	conf/supervise/list.c conf/supervise/list.h \
	conf/supervise/main.c \
	conf/supervise/plan.c conf/supervise/plan.h \
	conf/supervise/stray.c conf/supervise/stray.h
conf_trace_supervise_LDADD = base/libbase.a
