"""All arithmetic of tinylstm: functions of arrays, each forward beside its backward."""
