# admin/
