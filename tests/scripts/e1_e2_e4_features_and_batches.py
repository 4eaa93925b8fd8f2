# One letter, three letters as features, and all samples in one batch; Keras 2
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, LSTM
from keras.utils import to_categorical

np.random.seed(7)
alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
char_to_int = {c: i for i, c in enumerate(alphabet)}
int_to_char = {i: c for i, c in enumerate(alphabet)}


def pairs(seq_length):
    data_x, data_y = [], []
    for i in range(len(alphabet) - seq_length):
        data_x.append([char_to_int[char] for char in alphabet[i:i + seq_length]])
        data_y.append(char_to_int[alphabet[i + seq_length]])
    return data_x, to_categorical(data_y)


def accuracy(seq_length, shape, units, **fit):
    data_x, y = pairs(seq_length)
    X = np.reshape(data_x, (len(data_x),) + shape) / float(len(alphabet))
    model = Sequential()
    model.add(LSTM(units, input_shape=shape))
    model.add(Dense(y.shape[1], activation='softmax'))
    model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
    model.fit(X, y, verbose=0, **fit)
    scores = model.evaluate(X, y, verbose=0)
    return model, scores[1] * 100


print("E1: %.2f%%" % accuracy(1, (1, 1), 32, epochs=500, batch_size=1)[1])
print("E2: %.2f%%" % accuracy(3, (1, 3), 32, epochs=500, batch_size=1)[1])
model, score = accuracy(1, (1, 1), 16, epochs=5000, batch_size=25, shuffle=False)
print("E4: %.2f%%" % score)
# random patterns show that the order is not needed
right = 0
for i in range(20):
    pattern_index = np.random.randint(25)
    x = np.reshape([pattern_index], (1, 1, 1)) / float(len(alphabet))
    index = np.argmax(model.predict(x, verbose=0))
    right += index == pattern_index + 1
print("%d of 20 random letters right" % right)
