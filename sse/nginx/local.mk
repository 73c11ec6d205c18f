# SPDX-License-Identifier: Apache-2.0
# sse/nginx/: the hand-over module, built by nginx's own configure against Debian's nginx-dev, whose version is that of
# the packaged nginx. Without nginx-dev there is no module, and streams are proxied.
EXTRA_DIST += sse/nginx/config sse/nginx/handoff_link.c sse/nginx/handoff_link.h sse/nginx/handoff_module.c
NGINX_SOURCE = /usr/share/nginx/src
NGINX_MODULE = sse/nginx/ngx_http_trace_handoff_module.so

# configure writes into the folder it is called in: so it is called in a copy.
$(NGINX_MODULE): $(top_srcdir)/sse/nginx/config $(top_srcdir)/sse/nginx/handoff_module.c $(top_srcdir)/sse/nginx/handoff_link.c \
		$(top_srcdir)/sse/nginx/handoff_link.h $(top_srcdir)/wire/handoff.c $(top_srcdir)/wire/handoff.h
	$(AM_V_GEN)$(SHELL) $(top_srcdir)/sse/nginx/build.sh $(NGINX_SOURCE) $(abs_top_srcdir) $(abs_builddir)/$@

nginx-module: $(NGINX_MODULE)
install-nginx-module: $(NGINX_MODULE)
	$(MKDIR_P) $(DESTDIR)$(pkglibdir)
	$(INSTALL_DATA) $(NGINX_MODULE) $(DESTDIR)$(pkglibdir)
.PHONY: nginx-module install-nginx-module
CLEANFILES += $(NGINX_MODULE)
