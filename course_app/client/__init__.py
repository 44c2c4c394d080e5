"""The WebSocket client of the lessons and checks: every wait is bounded, and every frame is recorded."""
