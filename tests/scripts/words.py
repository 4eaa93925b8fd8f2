# The next word of a rhyme: words as numbers, and two of them in a window
from numpy import array
from keras.preprocessing.text import Tokenizer
from keras.preprocessing.sequence import TimeseriesGenerator
from keras.utils import to_categorical
from keras.models import Sequential
from keras.layers import Dense, LSTM, Embedding
from keras.utils.vis_utils import plot_model
import numpy

numpy.random.seed(4)
data = """ Jack and Jill went up the hill\n
		To fetch a pail of water\n
		Jack fell down and broke his crown\n
		And Jill came tumbling after\n """
tokenizer = Tokenizer()
tokenizer.fit_on_texts([data])
encoded = tokenizer.texts_to_sequences([data])[0]
vocab_size = len(tokenizer.word_index) + 1
print('Vocabulary Size: %d' % vocab_size)
encoded = array(encoded)
targets = to_categorical(encoded, num_classes=vocab_size)
generator = TimeseriesGenerator(encoded, targets, length=2, batch_size=8)
print('Total Sequences: %d in %d batches' % (len(encoded) - 2, len(generator)))
model = Sequential()
model.add(Embedding(vocab_size, 10, input_length=2))
model.add(LSTM(50))
model.add(Dense(vocab_size, activation='softmax'))
print(model.count_params())
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
plot_model(model, to_file='model.png')
model.fit_generator(generator, epochs=250, verbose=0)

def generate_seq(model, tokenizer, seed_text, n_words):
	in_text = seed_text
	for _ in range(n_words):
		encoded = array([tokenizer.texts_to_sequences([in_text])[0][-2:]])
		yhat = model.predict_classes(encoded, verbose=0)
		for word, index in tokenizer.word_index.items():
			if index == yhat:
				in_text += ' ' + word
				break
	return in_text

print(generate_seq(model, tokenizer, 'Jack and', 5))
print(generate_seq(model, tokenizer, 'And Jill', 3))
