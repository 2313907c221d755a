/* Lua includes this header even where LUAI_TRY replaces what it declares (see ../lua.h). */
