# One letter, and three letters as features -> the next letter; Keras 2
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, LSTM
from keras.utils import to_categorical

np.random.seed(7)
alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
char_to_int = {c: i for i, c in enumerate(alphabet)}
int_to_char = {i: c for i, c in enumerate(alphabet)}

for seq_length in (1, 3):
    dataX = []
    dataY = []
    for i in range(len(alphabet) - seq_length):
        dataX.append([char_to_int[char] for char in alphabet[i:i + seq_length]])
        dataY.append(char_to_int[alphabet[i + seq_length]])
    X = np.reshape(dataX, (len(dataX), 1, seq_length))
    X = X / float(len(alphabet))
    y = to_categorical(dataY)
    model = Sequential()
    model.add(LSTM(32, input_shape=(X.shape[1], X.shape[2])))
    model.add(Dense(y.shape[1], activation='softmax'))
    model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
    model.fit(X, y, epochs=500, batch_size=1, verbose=0)
    scores = model.evaluate(X, y, verbose=0)
    print("%d letters: %.2f%%" % (seq_length, scores[1] * 100))
