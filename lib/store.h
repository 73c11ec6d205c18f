// What every store function tells its caller.
#ifndef LIB_STORE_H
#define LIB_STORE_H

enum store_outcome {
    STORE_OK,
    STORE_NOT_FOUND,
    STORE_CONFLICT, // the state forbids it
    STORE_DOWN,     // no database, or it refused or kept undoing the statement: logged where it was detected
};

#endif
