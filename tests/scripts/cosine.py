# A cosine wave: stateless, stateful and two stateful layers, forecast from their own output
import math
import numpy as np
import matplotlib.pyplot as plt
from keras.models import Sequential
from keras.layers import Dense, LSTM, Dropout


def create_dataset(dataset, look_back=1):
    dataX, dataY = [], []
    for i in range(len(dataset) - look_back):
        dataX.append(dataset[i:(i + look_back), 0])
        dataY.append(dataset[i + look_back, 0])
    return np.array(dataX), np.array(dataY)


np.random.seed(7)
cos = np.cos(np.arange(1000) * (20 * np.pi / 1000))[:, None]
cos = (cos + 1) / 2
look_back = 20
train_size = int(len(cos) * 0.80)
train, test = cos[:train_size], cos[train_size:]
trainX, trainY = create_dataset(train, look_back)
testX, testY = create_dataset(test, look_back)
trainX = np.reshape(trainX, (trainX.shape[0], trainX.shape[1], 1))
testX = np.reshape(testX, (testX.shape[0], testX.shape[1], 1))
batch_size = 1


def forecast(model, title):
    x = np.vstack((trainX[-1][1:], (trainY[-1])))
    preds = []
    pred_num = 50
    for i in np.arange(pred_num):
        pred = model.predict(x.reshape((1, -1, 1)), batch_size=batch_size)
        preds.append(pred.squeeze())
        x = np.vstack((x[1:], pred))
    plt.figure(figsize=(12, 5))
    plt.plot(np.arange(pred_num), np.array(preds), 'r', label='predctions')
    cos_y = (np.cos(np.arange(pred_num) * (20 * np.pi / 1000)) + 1) / 2
    plt.plot(np.arange(pred_num), cos_y, label='origin')
    plt.title(title)
    plt.legend()
    plt.show()
    print(title, len(preds), all(math.isfinite(p) for p in preds))


model = Sequential()
model.add(LSTM(32, input_shape=(look_back, 1)))
model.add(Dropout(0.2))
model.add(Dense(1))
model.compile(loss='mse', optimizer='adam')
model.fit(trainX, trainY, batch_size=32, verbose=0, epochs=3)
forecast(model, 'stateless')

model = Sequential()
model.add(LSTM(32, batch_input_shape=(batch_size, look_back, 1), stateful=True))
model.add(Dropout(0.2))
model.add(Dense(1))
model.compile(loss='mse', optimizer='adam')
for i in range(2):
    model.fit(trainX, trainY, epochs=1, batch_size=batch_size, verbose=0, shuffle=False)
    model.reset_states()
forecast(model, 'stateful')

model = Sequential()
for i in range(1):
    model.add(LSTM(32, batch_input_shape=(batch_size, look_back, 1), stateful=True, return_sequences=True))
    model.add(Dropout(0.3))
model.add(LSTM(32, batch_input_shape=(batch_size, look_back, 1), stateful=True))
model.add(Dropout(0.3))
model.add(Dense(1))
model.compile(loss='mean_squared_error', optimizer='adam')
for i in range(1):
    model.fit(trainX, trainY, epochs=1, batch_size=batch_size, verbose=0, shuffle=False)
    model.reset_states()
trainScore = model.evaluate(trainX, trainY, batch_size=batch_size, verbose=0)
model.reset_states()
testScore = model.evaluate(testX[:25], testY[:25], batch_size=batch_size, verbose=0)
print('scores are numbers:', isinstance(trainScore, float), testScore > 0)
model.reset_states()
forecast(model, 'two layers')
