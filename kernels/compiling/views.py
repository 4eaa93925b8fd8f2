"""Pieces of arrays, and memory, seen as arrays: without a copy, and without counting references."""

import ctypes

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

from .decorators import COMPILED

if COMPILED:

    @intrinsic
    def view(typingctx, vector, offset, shape):
        """``vector[offset:offset + prod(shape)].reshape(shape)``, without counting references.

        Of a matrix offset counts numbers from its first one.
        """
        result = types.Array(vector.dtype, len(shape), "C")

        def codegen(context, builder, signature, values):
            source = context.make_array(signature.args[0])(context, builder, values[0])
            lengths = cgutils.unpack_tuple(builder, values[2])
            itemsize = context.get_constant(
                types.intp, context.get_abi_sizeof(context.get_data_type(vector.dtype))
            )
            strides, stride = [], itemsize
            for length in reversed(lengths):
                strides.insert(0, stride)
                stride = builder.mul(stride, length)
            array = context.make_array(result)(context, builder)
            arrayobj.populate_array(
                array,
                data=builder.gep(source.data, [values[1]]),
                shape=lengths,
                strides=strides,
                itemsize=itemsize,
                meminfo=None,
            )
            return array._getvalue()

        shape_type = types.UniTuple(types.intp, len(shape))
        return result(vector, types.intp, shape_type), codegen

    def vectors_at(count):
        """The function that sees so many vectors of one length in another, so far apart: a tuple.

        ``vectors_at(2)(vector, offset, apart, n)`` is, with ``end = offset + n``, the pair
        ``(vector[offset : end], vector[offset + apart : end + apart])``.
        """

        @intrinsic
        def views(typingctx, vector, offset, apart, n):
            one = types.Array(vector.dtype, 1, "C")

            def codegen(context, builder, signature, values):
                source = context.make_array(signature.args[0])(context, builder, values[0])
                itemsize = context.get_constant(
                    types.intp, context.get_abi_sizeof(context.get_data_type(vector.dtype))
                )
                found, place = [], values[1]
                for _ in range(count):
                    array = context.make_array(one)(context, builder)
                    arrayobj.populate_array(
                        array,
                        data=builder.gep(source.data, [place]),
                        shape=[values[3]],
                        strides=[itemsize],
                        itemsize=itemsize,
                        meminfo=None,
                    )
                    found.append(array._getvalue())
                    place = builder.add(place, values[2])
                return context.make_tuple(builder, signature.return_type, found)

            return types.UniTuple(one, count)(vector, types.intp, types.intp, types.intp), codegen

        return views

    def chosen(places):
        """The function that chooses the elements of a tuple that stand at these places."""

        @intrinsic
        def choose(typingctx, given):
            result = types.Tuple([given.types[k] for k in places])

            def codegen(context, builder, signature, values):
                found = cgutils.unpack_tuple(builder, values[0])
                found = [found[k] for k in places]
                return context.make_tuple(builder, signature.return_type, found)

            return result(given), codegen

        return choose

    @intrinsic
    def array_at(typingctx, address, length, dtype):
        """The vector of that dtype and length at an address of the process's memory."""
        result = types.Array(dtype.dtype, 1, "C")

        def codegen(context, builder, signature, values):
            data_type = context.get_data_type(result.dtype)
            itemsize = context.get_constant(types.intp, context.get_abi_sizeof(data_type))
            array = context.make_array(result)(context, builder)
            arrayobj.populate_array(
                array,
                data=builder.inttoptr(values[0], data_type.as_pointer()),
                shape=[values[1]],
                strides=[itemsize],
                itemsize=itemsize,
                meminfo=None,
            )
            return array._getvalue()

        return result(types.intp, types.intp, dtype), codegen

else:

    def view(vector, offset, shape):
        """Some numbers of an array, seen as an array of that shape."""
        size = 1
        for length in shape:
            size *= length
        return vector.reshape(-1)[offset : offset + size].reshape(shape)

    def vectors_at(count):
        """The function that sees so many vectors of one length in another, so far apart."""

        def views(vector, offset, apart, n):
            places = (offset + k * apart for k in range(count))
            return tuple(vector[place : place + n] for place in places)

        return views

    def chosen(places):
        """The function that chooses the elements of a tuple that stand at these places."""
        return lambda given: tuple(given[k] for k in places)

    def array_at(address, length, dtype):
        """The vector of that dtype and length at an address of the process's memory."""
        memory = (ctypes.c_char * (int(length) * dtype.itemsize)).from_address(int(address))
        vector = np.frombuffer(memory, dtype, length)
        return vector if dtype.names is None else vector.view(np.recarray)
