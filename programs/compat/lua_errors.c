/* Raising and catching for Lua by Asyncify's unwinding; see lua_errors.h. In a file of its own so that neither
 * function is inlined: Asyncify treats whoever calls start_unwind or stop_unwind in a special way.
 */
#include "lua_errors.h"

__attribute__((import_module("asyncify"), import_name("start_unwind"))) void asyncify_start_unwind(void *record);
__attribute__((import_module("asyncify"), import_name("stop_unwind"))) void asyncify_stop_unwind(void);

/* Each frame that is left writes its locals here, for a rewinding that never comes. Lua bounds the
 * depth of its C calls (LUAI_MAXCCALLS), so the space is bounded too; Asyncify traps past the end.
 */
static char frames[1 << 17];
static struct {
    char *next;
    char *end;
} record;

void compat_lua_throw(void) {
    record.next = frames;
    record.end = frames + sizeof frames;
    asyncify_start_unwind(&record);
}

/* luaD_throw sets the status of the innermost protected call before it raises, so a status other than
 * zero (LUA_OK) means that `function` returned because it is being left.
 */
void compat_lua_protect(void (*function)(struct lua_State *, void *), struct lua_State *state, void *data,
                        volatile int *status) {
    function(state, data);
    if (*status != 0) {
        asyncify_stop_unwind();
    }
}
