// Reads a topic as a partner's program in JavaScript would, by kafkajs: prints the first record's value, or the error's name.
// Usage: node reader.cjs SERVER USER PASSWORD CA_FILE TOPIC GROUP
const { readFileSync } = require('node:fs')
const { Kafka, logLevel } = require('kafkajs')

const [server, username, password, authority, topic, groupId] = process.argv.slice(2)
const end = (text) => {
  console.log(text)
  process.exit(0)
}
const nameOf = (error) => error.type ?? error.cause?.type ?? String(error)
const kafka = new Kafka({
  brokers: [server],
  ssl: { ca: [readFileSync(authority)] },
  sasl: { mechanism: 'scram-sha-512', username, password },
  logLevel: logLevel.NOTHING,
  retry: { retries: 1 },
})
const consumer = kafka.consumer({ groupId })
consumer.on(consumer.events.CRASH, ({ payload }) => end(nameOf(payload.error)))

async function read() {
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => end(message.value.toString()) })
}

read().catch((error) => end(nameOf(error)))
