"""Every layer, optimiser, callback and initialiser of old scripts that this package has, with all
arguments spelled out as they were by default.

Source: the signatures in the releases 1.2.2, 2.2.4 and 2.15.0 of Keras.
"""

OLD_CALLS = {
    "1.2.2": (
        "LSTM(4, init='glorot_uniform', inner_init='orthogonal', forget_bias_init='one', "
        "activation='tanh', inner_activation='hard_sigmoid', W_regularizer=None, "
        "U_regularizer=None, b_regularizer=None, dropout_W=0.0, dropout_U=0.0)",
        "SimpleRNN(4, init='glorot_uniform', inner_init='orthogonal', activation='tanh', "
        "W_regularizer=None, U_regularizer=None, b_regularizer=None, dropout_W=0.0, "
        "dropout_U=0.0)",
        "Dense(4, init='glorot_uniform', activation=None, weights=None, W_regularizer=None, "
        "b_regularizer=None, activity_regularizer=None, W_constraint=None, "
        "b_constraint=None, bias=True, input_dim=None)",
        "Dropout(0.5, noise_shape=None, seed=None)",
        "Embedding(9, 4, init='uniform', input_length=None, W_regularizer=None, "
        "activity_regularizer=None, W_constraint=None, mask_zero=False, weights=None, "
        "dropout=0.0)",
        "Masking(mask_value=0.0)",
        "Bidirectional(LSTM(3), merge_mode='concat', weights=None)",
        "SGD(lr=0.01, momentum=0.0, decay=0.0, nesterov=False)",
        "Adam(lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-08, decay=0.0)",
        "RMSprop(lr=0.001, rho=0.9, epsilon=1e-08, decay=0.0)",
        "Adagrad(lr=0.01, epsilon=1e-08, decay=0.0)",
        "Nadam(lr=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-08, schedule_decay=0.004)",
        "EarlyStopping(monitor='val_loss', min_delta=0, patience=0, verbose=0, mode='auto')",
        "ReduceLROnPlateau(monitor='val_loss', factor=0.1, patience=10, verbose=0, "
        "mode='auto', epsilon=0.0001, cooldown=0, min_lr=0)",
        "ModelCheckpoint('w', monitor='val_loss', verbose=0, save_best_only=False, "
        "save_weights_only=False, mode='auto', period=1)",
        "CSVLogger('log.csv', separator=',', append=False)",
        "LambdaCallback(on_epoch_begin=None, on_epoch_end=None, on_batch_begin=None, "
        "on_batch_end=None, on_train_begin=None, on_train_end=None)",
    ),
    "2.2.4": (
        "LSTM(4, activation='tanh', recurrent_activation='hard_sigmoid', use_bias=True, "
        "kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
        "bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, "
        "recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, "
        "kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, "
        "dropout=0.0, recurrent_dropout=0.0, implementation=1, return_sequences=False, "
        "return_state=False, go_backwards=False, stateful=False, unroll=False)",
        "SimpleRNN(4, activation='tanh', use_bias=True, kernel_initializer='glorot_uniform', "
        "recurrent_initializer='orthogonal', bias_initializer='zeros', kernel_regularizer=None, "
        "recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, "
        "kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, "
        "recurrent_dropout=0.0, return_sequences=False, return_state=False, "
        "go_backwards=False, stateful=False, unroll=False)",
        "CuDNNGRU(4, kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
        "bias_initializer='zeros', kernel_regularizer=None, recurrent_regularizer=None, "
        "bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, "
        "recurrent_constraint=None, bias_constraint=None, return_sequences=False, "
        "return_state=False, stateful=False)",
        "Dense(4, activation=None, use_bias=True, kernel_initializer='glorot_uniform', "
        "bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, "
        "activity_regularizer=None, kernel_constraint=None, bias_constraint=None)",
        "Dropout(0.5, noise_shape=None, seed=None)",
        "Embedding(9, 4, embeddings_initializer='uniform', embeddings_regularizer=None, "
        "activity_regularizer=None, embeddings_constraint=None, mask_zero=False, "
        "input_length=None)",
        "Masking(mask_value=0.0)",
        "Bidirectional(LSTM(3), merge_mode='concat', weights=None)",
        "Flatten(data_format=None)",
        "SGD(lr=0.01, momentum=0.0, decay=0.0, nesterov=False)",
        "Adam(lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=None, decay=0.0, amsgrad=False)",
        "RMSprop(lr=0.001, rho=0.9, epsilon=None, decay=0.0)",
        "Adagrad(lr=0.01, epsilon=None, decay=0.0)",
        "Nadam(lr=0.002, beta_1=0.9, beta_2=0.999, epsilon=None, schedule_decay=0.004)",
        "EarlyStopping(monitor='val_loss', min_delta=0, patience=0, verbose=0, mode='auto', "
        "baseline=None, restore_best_weights=False)",
        "ReduceLROnPlateau(monitor='val_loss', factor=0.1, patience=10, verbose=0, "
        "mode='auto', min_delta=0.0001, cooldown=0, min_lr=0)",
        "ModelCheckpoint('w', monitor='val_loss', verbose=0, save_best_only=False, "
        "save_weights_only=False, mode='auto', period=1)",
        "LearningRateScheduler(len, verbose=0)",
        "CSVLogger('log.csv', separator=',', append=False)",
        "LambdaCallback(on_epoch_begin=None, on_epoch_end=None, on_batch_begin=None, "
        "on_batch_end=None, on_train_begin=None, on_train_end=None)",
        "Constant(value=0)",
        "RandomNormal(mean=0.0, stddev=0.05, seed=None)",
        "RandomUniform(minval=-0.05, maxval=0.05, seed=None)",
        "TruncatedNormal(mean=0.0, stddev=0.05, seed=None)",
        "VarianceScaling(scale=1.0, mode='fan_in', distribution='normal', seed=None)",
        "Orthogonal(gain=1.0, seed=None)",
        "Identity(gain=1.0)",
    ),
    "2.15.0": (
        "LSTM(4, activation='tanh', recurrent_activation='sigmoid', use_bias=True, "
        "kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
        "bias_initializer='zeros', unit_forget_bias=True, kernel_regularizer=None, "
        "recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, "
        "kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, "
        "dropout=0.0, recurrent_dropout=0.0, return_sequences=False, return_state=False, "
        "go_backwards=False, stateful=False, time_major=False, unroll=False)",
        "GRU(4, activation='tanh', recurrent_activation='sigmoid', use_bias=True, "
        "kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
        "bias_initializer='zeros', kernel_regularizer=None, recurrent_regularizer=None, "
        "bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, "
        "recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, "
        "return_sequences=False, return_state=False, go_backwards=False, stateful=False, "
        "unroll=False, time_major=False, reset_after=True)",
        "Dense(4, activation=None, use_bias=True, kernel_initializer='glorot_uniform', "
        "bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, "
        "activity_regularizer=None, kernel_constraint=None, bias_constraint=None)",
        "Dropout(0.5, noise_shape=None, seed=None)",
        "Embedding(9, 4, embeddings_initializer='uniform', embeddings_regularizer=None, "
        "activity_regularizer=None, embeddings_constraint=None, mask_zero=False, "
        "input_length=None, sparse=False)",
        "Masking(mask_value=0.0)",
        "Bidirectional(LSTM(3), merge_mode='concat', weights=None, backward_layer=None)",
        "Flatten(data_format=None)",
        "SGD(learning_rate=0.01, momentum=0.0, nesterov=False, weight_decay=None, "
        "clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, "
        "ema_momentum=0.99, ema_overwrite_frequency=None, jit_compile=True, name='SGD')",
        "Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False, "
        "weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, "
        "use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None, jit_compile=True, "
        "name='Adam')",
        "RMSprop(learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07, centered=False, "
        "weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, "
        "use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=100, jit_compile=True, "
        "name='RMSprop')",
        "EarlyStopping(monitor='val_loss', min_delta=0, patience=0, verbose=0, mode='auto', "
        "baseline=None, restore_best_weights=False, start_from_epoch=0)",
        "ReduceLROnPlateau(monitor='val_loss', factor=0.1, patience=10, verbose=0, "
        "mode='auto', min_delta=0.0001, cooldown=0, min_lr=0)",
        "ModelCheckpoint('w', monitor='val_loss', verbose=0, save_best_only=False, "
        "save_weights_only=False, mode='auto', save_freq='epoch', options=None, "
        "initial_value_threshold=None)",
        "LearningRateScheduler(len, verbose=0)",
        "CSVLogger('log.csv', separator=',', append=False)",
        "LambdaCallback(on_epoch_begin=None, on_epoch_end=None, on_batch_begin=None, "
        "on_batch_end=None, on_train_begin=None, on_train_end=None)",
        "Constant(value=0)",
        "RandomNormal(mean=0.0, stddev=0.05, seed=None)",
        "RandomUniform(minval=-0.05, maxval=0.05, seed=None)",
        "TruncatedNormal(mean=0.0, stddev=0.05, seed=None)",
        "VarianceScaling(scale=1.0, mode='fan_in', distribution='truncated_normal', seed=None)",
        "Orthogonal(gain=1.0, seed=None)",
        "Identity(gain=1.0)",
    ),
}
