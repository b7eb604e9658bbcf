SELECT
  timestamp,
  resource.labels.service_name AS service,
  jsonPayload.kind AS kind,
  jsonPayload.operation AS operation,
  jsonPayload.operation_id AS operation_id,
  jsonPayload.attempt AS attempt,
  jsonPayload.advice AS advice,
  jsonPayload.reasons AS reasons,
  jsonPayload.decided_by AS decided_by,
  jsonPayload.recorded AS recorded,
  jsonPayload.took_ms AS took_ms,
  jsonPayload.score AS score
FROM `${lines}`
