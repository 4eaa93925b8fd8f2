# A series of monthly sales, as differences, one step at a time with a stateful LSTM
from pandas import DataFrame
from pandas import Series
from pandas import concat
from pandas import read_csv
from pandas import datetime
from math import sqrt
from keras.models import Sequential
from keras.layers import Dense
from keras.layers import LSTM
import numpy

numpy.random.seed(1)

def parser(x):
	return datetime.strptime('190'+x, '%Y-%m')

# frame a sequence as a supervised learning problem
def timeseries_to_supervised(data, lag=1):
	df = DataFrame(data)
	columns = [df.shift(i) for i in range(1, lag+1)]
	columns.append(df)
	df = concat(columns, axis=1)
	df = df.fillna(0)
	return df

def difference(dataset, interval=1):
	diff = list()
	for i in range(interval, len(dataset)):
		value = dataset[i] - dataset[i - interval]
		diff.append(value)
	return Series(diff)

def inverse_difference(history, yhat, interval=1):
	return yhat + history[-interval]

def fit_lstm(train, batch_size, nb_epoch, neurons):
	X, y = train[:, 0:-1], train[:, -1]
	X = X.reshape(X.shape[0], 1, X.shape[1])
	model = Sequential()
	model.add(LSTM(neurons, batch_input_shape=(batch_size, X.shape[1], X.shape[2]), stateful=True))
	model.add(Dense(1))
	model.compile(loss='mean_squared_error', optimizer='adam')
	for i in range(nb_epoch):
		model.fit(X, y, epochs=1, batch_size=batch_size, verbose=0, shuffle=False)
		model.reset_states()
	return model

def forecast_lstm(model, batch_size, X):
	X = X.reshape(1, 1, len(X))
	yhat = model.predict(X, batch_size=batch_size)
	return yhat[0,0]

series = read_csv('sales.csv', header=0, parse_dates=[0], index_col=0, squeeze=True, date_parser=parser)
print(series.index[0], series.index[-1], len(series))
raw_values = series.values
diff_values = difference(raw_values, 1)
supervised_values = timeseries_to_supervised(diff_values, 1).as_matrix()
train, test = supervised_values[0:-6], supervised_values[-6:]
scale = abs(train).max()
train_scaled, test_scaled = train / scale, test / scale
lstm_model = fit_lstm(train_scaled, 1, 30, 4)
train_reshaped = train_scaled[:, 0].reshape(len(train_scaled), 1, 1)
lstm_model.predict(train_reshaped, batch_size=1)
predictions = list()
for i in range(len(test_scaled)):
	X, y = test_scaled[i, 0:-1], test_scaled[i, -1]
	yhat = forecast_lstm(lstm_model, 1, X)
	yhat = inverse_difference(raw_values, yhat * scale, len(test_scaled)+1-i)
	predictions.append(yhat)
	print('Month=%d, Predicted=%f, Expected=%f' % (i+1, yhat, raw_values[len(train) + i + 1]))
rmse = sqrt(((numpy.array(predictions) - raw_values[-6:]) ** 2).mean())
print('RMSE below the spread: %s' % (rmse < raw_values.std() * 2))
