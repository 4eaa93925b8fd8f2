# A model of Keras 1 with every argument under its old name
import numpy as np
from keras import backend as K
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation, TimeDistributedDense, RepeatVector
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import LSTM, GRU
from keras.layers.wrappers import TimeDistributed
from keras.optimizers import RMSprop
from keras.preprocessing import sequence
from keras.regularizers import l2
from keras.utils import np_utils

np.random.seed(1337)
vocabulary, maxlen = 12, 6
texts = [list(np.random.randint(1, vocabulary, np.random.randint(2, 9))) for i in range(40)]
labels = [int(sum(text) > 30) for text in texts]
X = sequence.pad_sequences(texts, maxlen=maxlen, padding='post', truncating='pre', value=0., dtype='int32')
Y = np_utils.to_categorical(labels, 2)

print('many to one')
model = Sequential()
model.add(Embedding(vocabulary, 8, input_length=maxlen, init='uniform', mask_zero=True))
model.add(LSTM(output_dim=10, init='glorot_uniform', inner_init='orthogonal', forget_bias_init='one',
               activation='tanh', inner_activation='hard_sigmoid', W_regularizer=l2(1e-4),
               dropout_W=0.1, dropout_U=0.1, consume_less='cpu', unroll=False))
model.add(Dropout(p=0.1))
model.add(Dense(output_dim=2, init='normal', bias=True))
model.add(Activation('softmax'))
rmsprop = RMSprop(lr=0.01, rho=0.9, epsilon=1e-6, decay=1e-4)
model.compile(loss='categorical_crossentropy', optimizer=rmsprop, metrics=['accuracy'])
hist = model.fit(X, Y, batch_size=8, nb_epoch=30, verbose=0, validation_split=0.1, shuffle=True)
print(sorted(hist.history), len(hist.epoch), hist.history['loss'][-1] < hist.history['loss'][0])
K.set_value(model.optimizer.lr, 0.001)
score, acc = model.evaluate(X, Y, batch_size=8, verbose=0)
print('accuracy of classes:', abs(acc - np.mean(model.predict_classes(X, verbose=0) == labels)) < 1e-6)

print('sequence to sequence')
x = np.random.random((30, 5, 2))
y = x.sum(axis=2, keepdims=True)
model = Sequential()
model.add(LSTM(12, input_dim=2, input_length=5, return_sequences=False))
model.add(RepeatVector(5))
model.add(LSTM(12, return_sequences=True))
model.add(TimeDistributed(Dense(4, activation='tanh')))
model.add(TimeDistributedDense(1))
model.compile('adam', 'mse')
losses = [model.train_on_batch(x, y) for i in range(60)]
print(losses[-1] < losses[0], model.predict(x).shape, model.output_shape)
