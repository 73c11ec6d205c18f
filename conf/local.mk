# conf/: what is installed beside the programs: the page, and the migrations for trace-admin.
# A page that was taken away must not stay, so each folder is replaced as a whole.
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(pkgdatadir)
	for folder in static migrations demo; do \
	  rm -rf $(DESTDIR)$(pkgdatadir)/$$folder.new; \
	done
	cp -pR $(top_srcdir)/static $(DESTDIR)$(pkgdatadir)/static.new
	rm -rf $(DESTDIR)$(pkgdatadir)/static.new/build
	cp -pR $(top_srcdir)/migrations $(DESTDIR)$(pkgdatadir)/migrations.new
	if test -d $(top_srcdir)/admin/demo; then cp -pR $(top_srcdir)/admin/demo $(DESTDIR)$(pkgdatadir)/demo.new; fi
	for folder in static migrations demo; do \
	  rm -rf $(DESTDIR)$(pkgdatadir)/$$folder; \
	  if test -d $(DESTDIR)$(pkgdatadir)/$$folder.new; then \
	    mv $(DESTDIR)$(pkgdatadir)/$$folder.new $(DESTDIR)$(pkgdatadir)/$$folder; fi; \
	done

EXTRA_DIST += docs/threat-model.md
