// The functions along an axis as NumPy's generalised ufuncs.
#pragma once

#include "ufunc.hpp"

namespace nonlin {

// Adds name and name_backward for each of them to the module; false with an exception set.
bool add_row_ufuncs(PyObject* module, const Table& table);

// Whether all of them take the dtype of ml_dtypes' bfloat16 from here on.
bool rows_take_bfloat16(PyArray_DTypeMeta* dtype);

}  // namespace nonlin
