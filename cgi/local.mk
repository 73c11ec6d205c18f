# cgi/
