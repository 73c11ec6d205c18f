// SPDX-License-Identifier: Apache-2.0
#include "cgi/names.h"

#include "cgi/problem.h"

enum { NAME_MOST = 200, EMAIL_MOST = 200, ROLE_MOST = 16, AVATAR_MOST = 32, SLUG_MOST = 40 };

static bool has_any(struct str text, const char *bytes)
{
    for (size_t i = 0; i < text.n; i++)
        if (strchr(bytes, text.p[i]))
            return true;
    return false;
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == '\x7f';
}

static bool is_blank(struct str name)
{
    bool is_blank = true;
    for (size_t i = 0; i < name.n; i++)
        is_blank = is_blank && name.p[i] == ' ';
    return is_blank;
}

static bool is_line(struct str name)
{
    bool is_line = true;
    for (size_t i = 0; i < name.n; i++)
        is_line = is_line && !is_control(name.p[i]);
    return is_line;
}

bool names_is_good(struct str name)
{
    return name.n > 0 && name.n <= NAME_MOST && is_line(name) && !is_blank(name);
}

int names_read(struct request *r, const char *field, enum presence presence, struct str *name)
{
    int status = body_text(r, r->body, field, presence, 1, NAME_MOST, name);
    if (status || !name->p)
        return status;
    if (!is_line(*name))
        return problem_body(r, field, "must stand on one line");
    return is_blank(*name) ? problem_body(r, field, "must not be blank") : 0;
}

int names_read_role(struct request *r, enum presence presence, struct str *role)
{
    int status = body_text(r, r->body, "role", presence, 1, ROLE_MOST, role);
    if (status || !role->p || str_eq(*role, STR("admin")) || str_eq(*role, STR("member")))
        return status;
    return problem_body(r, "role", "must be admin or member");
}

int names_read_email(struct request *r, struct str *email)
{
    int status = body_text(r, r->body, "email", REQUIRED, 3, EMAIL_MOST, email);
    if (status)
        return status;
    struct str domain = *email, local = str_cut(&domain, '@');
    bool is_address = local.n && domain.n && !has_any(domain, "@") && !has_any(*email, " ,;<>\"");
    for (size_t i = 0; i < email->n; i++)
        is_address = is_address && !is_control(email->p[i]);
    return is_address ? 0 : problem_body(r, "email", "must be an e-mail address");
}

int names_read_avatar(struct request *r, struct str *avatar)
{
    int status = body_text(r, r->body, "avatar", OPTIONAL, 1, AVATAR_MOST, avatar);
    if (status || !avatar->p)
        return status;
    bool is_short = !has_any(*avatar, "/:. ");
    for (size_t i = 0; i < avatar->n; i++)
        is_short = is_short && !is_control(avatar->p[i]);
    return is_short ? 0 : problem_body(r, "avatar", "must be one or two letters or an emoji");
}

int names_read_slug(struct request *r, struct str *slug)
{
    int status = body_text(r, r->body, "slug", OPTIONAL, 1, SLUG_MOST, slug);
    if (status || !slug->p)
        return status;
    bool is_slug = slug->p[0] != '-' && slug->p[slug->n - 1] != '-';
    for (size_t i = 0; i < slug->n; i++) {
        char c = slug->p[i];
        is_slug = is_slug && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
    return is_slug ? 0 : problem_body(r, "slug", "must be lower-case letters, digits and hyphens");
}
