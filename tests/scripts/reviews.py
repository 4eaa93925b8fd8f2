# Reviews as numbers of words: do they praise?
import numpy
from keras.datasets import imdb
from keras.models import Sequential
from keras.layers import Dense
from keras.layers import LSTM
from keras.layers.embeddings import Embedding
from keras.preprocessing import sequence
from keras.callbacks import TensorBoard
numpy.random.seed(7)
top_words = 40
(X_train, y_train), (X_test, y_test) = imdb.load_data(nb_words=top_words)
word_index = {v: k for k, v in imdb.get_word_index().items()}
print(' '.join(word_index.get(i - 3, '?') for i in X_train[0]))
max_review_length = 12
X_train = sequence.pad_sequences(X_train, maxlen=max_review_length)
X_test = sequence.pad_sequences(X_test, maxlen=max_review_length)
model = Sequential()
model.add(Embedding(top_words, 8, input_length=max_review_length))
model.add(LSTM(10))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X_train, y_train, validation_data=(X_test, y_test), nb_epoch=12, batch_size=8, verbose=0, callbacks=[TensorBoard(log_dir='./logs')])
scores = model.evaluate(X_test, y_test, verbose=0)
print("Accuracy: %.2f%%" % (scores[1]*100))
