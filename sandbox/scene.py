"""``scene_info``: where the payer is. H5 needs it, and WeChat Pay looks at what stands in it."""

from __future__ import annotations

from ipaddress import ip_address

from sandbox.payrefusal import bad_parameter

IP_CHARS_MAX = 45
H5_TYPES = ("iOS", "Android", "Wap")


def check_scene(scene: object, *, needed: bool) -> None:
    """Raises PayRefused for what WeChat Pay refuses."""
    if scene is None and not needed:
        return
    if not isinstance(scene, dict):
        raise bad_parameter("H5支付必须传 scene_info")
    if not _is_address(scene.get("payer_client_ip")):
        raise bad_parameter("scene_info.payer_client_ip 必须是用户的 IP 地址")
    h5_info = scene.get("h5_info")
    if needed and (not isinstance(h5_info, dict) or h5_info.get("type") not in H5_TYPES):
        raise bad_parameter("scene_info.h5_info.type 必须是 iOS、Android 或 Wap")


def _is_address(value: object) -> bool:
    if not isinstance(value, str) or len(value) > IP_CHARS_MAX:
        return False
    try:
        ip_address(value)
    except ValueError:
        return False
    return True
