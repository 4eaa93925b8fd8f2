# Substrings of one to five letters, padded on the left; tensorflow.keras
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.layers import LSTM, Dense
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.utils import to_categorical

print("Keras", keras.__version__, tf.keras.__version__ == keras.__version__)
np.random.seed(7)
alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
num_inputs = 1000
max_len = 5
dataX, dataY = [], []
for i in range(num_inputs):
    start = np.random.randint(len(alphabet) - 2)
    end = np.random.randint(start, min(start + max_len, len(alphabet) - 1))
    dataX.append([alphabet.index(char) for char in alphabet[start:end + 1]])
    dataY.append(alphabet.index(alphabet[end + 1]))
X = pad_sequences(dataX, maxlen=max_len, dtype='float32')
X = np.reshape(X, (X.shape[0], max_len, 1))
X = X / float(len(alphabet))
y = to_categorical(dataY)
model = tf.keras.Sequential([LSTM(32, input_shape=(X.shape[1], 1)), Dense(y.shape[1], activation='softmax')])
model.compile(loss='categorical_crossentropy', optimizer=tf.keras.optimizers.Adam(learning_rate=0.01), metrics=['accuracy'])
history = model.fit(X, y, epochs=30, batch_size=10, verbose=0)
scores = model.evaluate(X, y, verbose=0)
print("Model Accuracy: %.2f%%" % (scores[1]*100))
print(history.history['acc'] == history.history['accuracy'], len(history.history['loss']))
for i in range(3):
    pattern = dataX[i]
    x = pad_sequences([pattern], maxlen=max_len, dtype='float32')
    x = np.reshape(x, (1, max_len, 1)) / float(len(alphabet))
    index = np.argmax(model.predict(x, verbose=0))
    print([alphabet[value] for value in pattern], "->", alphabet[index])
