# admin/
libexec_PROGRAMS += admin/trace-supervise
admin_trace_supervise_SOURCES = \
	admin/supervise/child.c admin/supervise/child.h \
	admin/supervise/list.c admin/supervise/list.h \
	admin/supervise/main.c \
	admin/supervise/plan.c admin/supervise/plan.h \
	admin/supervise/stray.c admin/supervise/stray.h
admin_trace_supervise_LDADD = lib/libtrace.a
