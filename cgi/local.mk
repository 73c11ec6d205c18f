# cgi/: the frame around the handlers, and the two FastCGI programs made of route tables.
noinst_LIBRARIES += cgi/libcgi.a
cgi_libcgi_a_SOURCES = \
	cgi/body.c cgi/body.h \
	cgi/exchange.h \
	cgi/fcgi.c cgi/fcgi.h \
	cgi/intake.c cgi/intake.h \
	cgi/metrics.c cgi/metrics.h \
	cgi/origin.c cgi/origin.h \
	cgi/plain.c cgi/plain.h \
	cgi/prefork.c cgi/prefork.h \
	cgi/problem.c \
	cgi/request.c cgi/request.h \
	cgi/route.c cgi/route.h \
	cgi/serve.c cgi/serve.h \
	cgi/slice.c cgi/slice.h \
	cgi/sources.c cgi/sources.h \
	cgi/status.c cgi/status.h
cgi_libcgi_a_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(JANSSON_CFLAGS)
CGI_LIBS = cgi/libcgi.a lib/libtrace.a $(FCGI_LIBS) $(JANSSON_LIBS) $(PQ_LIBS)

# trace-api

# workspace-api
