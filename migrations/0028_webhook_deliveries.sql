-- What is due of each webhook, the oldest first: a silent receiver's backlog is not read to find the deliveries of others.

CREATE INDEX webhook_deliveries_webhook_due ON webhook_deliveries (webhook_id, due_at);
DROP INDEX webhook_deliveries_webhook;
