"""The embedded event log: durable, partitioned, read by groups, in one SQLite file.

It speaks as much of aiokafka's producer and consumer as FastStream's KafkaBroker uses, so that
everything above the client is the same as with Apache Kafka. Several processes of one machine may
share the file.
"""
