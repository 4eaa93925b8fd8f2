# The five steps of a model's life: define, compile, fit, evaluate, predict; Keras 2
import numpy as np
from keras.models import Sequential
from keras.layers import Activation, Dense, LSTM
from keras.optimizers import SGD

np.random.seed(1)
# 1. define network; the input shape comes with the data
layers = [LSTM(2), Dense(1), Activation('sigmoid')]
model = Sequential(layers)
# 2. compile network
algorithm = SGD(lr=0.1, momentum=0.3)
model.compile(optimizer=algorithm, loss='binary_crossentropy', metrics=['accuracy'])
# 3. fit network
X = np.array([0.1 * i for i in range(10)]).reshape((10, 1, 1))
y = (X.reshape(10) > 0.45).astype(int)
history = model.fit(X, y, batch_size=10, epochs=200, verbose=0)
print(sorted(history.history.keys()), len(history.history['loss']))
# 4. evaluate network
loss, accuracy = model.evaluate(X, y, verbose=0)
print('Loss falls: %s, Accuracy: %.0f%%' % (loss < history.history['loss'][0], accuracy * 100))
# 5. make predictions
probabilities = model.predict(X)
predictions = [float(np.round(x)) for x in probabilities.reshape(10)]
classes = model.predict_classes(X, verbose=0)
print(classes.shape, np.mean(predictions == y), (classes.reshape(10) == predictions).all())
print((model.predict_proba(X) == probabilities).all())
# state
stateful = Sequential()
stateful.add(LSTM(2, batch_input_shape=(10, 5, 1), stateful=True))
stateful.add(Dense(1))
stateful.compile(loss='mean_squared_error', optimizer='sgd')
X = np.random.random((10, 5, 1))
for i in range(5):
    stateful.fit(X, X[:, -1], epochs=1, batch_size=10, verbose=0, shuffle=False)
    stateful.reset_states()
first = stateful.predict(X, batch_size=10)
print('carried on:', (first != stateful.predict(X, batch_size=10)).any())
stateful.layers[0].reset_states()
print('reset:', (first == stateful.predict(X, batch_size=10)).all())
# shapes
for shape in [(1, 10, 1), (1, 10, 2)]:
    data = np.arange(np.prod(shape)).reshape(shape) / 10.0
    model = Sequential()
    model.add(LSTM(32, input_shape=shape[1:]))
    model.add(Dense(1))
    print(model.predict(data).shape)
