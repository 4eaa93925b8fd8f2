# Masked sequences read in both directions, with callbacks; tensorflow.keras
import os
import tempfile
import numpy as np
import tensorflow as tf
from tensorflow.keras import Sequential, layers
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
tf.get_logger().setLevel('ERROR')
tf.random.set_seed(7)
np.random.seed(7)
for gpu in tf.config.experimental.list_physical_devices('GPU'):
    tf.config.experimental.set_memory_growth(gpu, True)

lengths = np.random.randint(2, 8, 60)
x = np.full((60, 8, 1), -1.0, 'float32')
for row, length in enumerate(lengths):
    x[row, :length, 0] = np.random.random(length)
y = (lengths > 4).astype('int32')

model = Sequential([
    layers.Masking(mask_value=-1.0, input_shape=(8, 1)),
    layers.Bidirectional(layers.LSTM(8, kernel_regularizer=tf.keras.regularizers.l2(1e-5))),
    layers.Dense(2, activation=tf.nn.softmax),
])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.02),
              loss=tf.keras.losses.SparseCategoricalCrossentropy(), metrics=['accuracy'])
path = os.path.join(tempfile.mkdtemp(), 'best.weights')
callbacks = [EarlyStopping(monitor='val_accuracy', patience=40),
             ReduceLROnPlateau(monitor='val_loss', factor=0.5, patience=5),
             ModelCheckpoint(path, monitor='val_loss', save_best_only=True, save_weights_only=True)]
history = model.fit(x, y, epochs=60, batch_size=10, validation_data=(x[:20], y[:20]), callbacks=callbacks,
                    class_weight={0: 1.0, 1: 2.0}, verbose=0)
best = min(history.history['val_loss'])
model.load_weights(path)
loss, accuracy = model.evaluate(x[:20], y[:20], verbose=0)
print(abs(loss - best) < 1e-5, accuracy > 0.9, len(history.epoch) <= 60)
