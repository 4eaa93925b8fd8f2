# All letters as one batch, in their order; Keras 2
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, LSTM
from keras.utils import to_categorical

np.random.seed(7)
alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
dataX = [[i] for i in range(25)]
dataY = [i + 1 for i in range(25)]
X = np.reshape(dataX, (len(dataX), 1, 1))
X = X / float(len(alphabet))
y = to_categorical(dataY)
model = Sequential()
model.add(LSTM(16, input_shape=(X.shape[1], X.shape[2])))
model.add(Dense(y.shape[1], activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X, y, epochs=5000, batch_size=len(dataX), verbose=0, shuffle=False)
scores = model.evaluate(X, y, verbose=0)
print("All letters as one batch: %.2f%%" % (scores[1] * 100))
right = 0
for i in range(20):
    pattern_index = np.random.randint(len(dataX))
    x = np.reshape(dataX[pattern_index], (1, 1, 1))
    x = x / float(len(alphabet))
    right += np.argmax(model.predict(x, verbose=0)) == dataY[pattern_index]
print("Random letters, one at a time:", "all right" if right == 20 else "not all right")
